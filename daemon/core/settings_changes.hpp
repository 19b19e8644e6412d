// What differs between two settings documents, at the finest grain at which a change can be taken
// back: members, and entries of the model lists.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "daemon/core/jsonc.hpp"
#include "daemon/core/path.hpp"

namespace authd::core {

// An entry of a model list. An entry without an id has an empty identity: such entries are told
// apart by their values alone. `ordinal` counts entries of the same identity from 0: in `after`
// where the change has the entry there, else in `before`.
struct EntryIdentity {
  std::string id, base_url;
  std::size_t ordinal = 0;
  bool operator==(const EntryIdentity&) const = default;
};

// `none` where it is absent on that side. Of a name that occurs twice the last member counts.
struct Change {
  Path path;  // of the member; for an entry, of its list
  std::optional<EntryIdentity> entry = {};
  Jsonc::Node before = Jsonc::none, after = Jsonc::none;
};

// In the order of `after`; what it has no longer comes at the end of its object or list.
//
// Objects that both sides have are compared by their members. An object on one side only is one
// change, except for env, modelProviders, its providers, security, security.auth and model: their
// members are the changes, unless there are none. So are the entries of a model list, which is the
// array at modelProviders.<protocol> or at modelProviders.<protocol>.models. Who applies such a
// change makes the parents that it needs and drops those that become empty and were not there.
//
// Values are compared exactly: 1.0 is 1, but no two numbers are equal because a double cannot tell
// them apart. The order of members and of list entries is no change; nor are comments.
std::vector<Change> changes(const Jsonc& before, const Jsonc& after);

// The paths of changes, each once, in their order.
std::vector<Path> changed_keys(const std::vector<Change>& changes);

// Whether two values say exactly the same; `none` is equal to `none` only.
bool is_same(const Jsonc& left, Jsonc::Node left_node, const Jsonc& right, Jsonc::Node right_node);

// The entries of the list at a path, found without a look at each of them. Empty where no list is.
class EntryIndex {
 public:
  EntryIndex(const Jsonc& document, const Path& list);
  // The entry of this identity; for one with an id. `none` where there is none.
  Jsonc::Node find(const EntryIdentity& identity) const;
  // How many have its id and base URL.
  std::size_t count(const EntryIdentity& identity) const;
  // The first entry without an id that is equal to `node` of another document.
  Jsonc::Node find_equal(const Jsonc& of, Jsonc::Node node) const;

 private:
  std::map<std::pair<std::string, std::string>, std::vector<Jsonc::Node>> by_identity_;
  std::unordered_map<std::string, Jsonc::Node> by_value_;
};

// Which entry of a model list this is, apart from its ordinal. Empty where it has no id.
EntryIdentity identity_of(const Jsonc& document, Jsonc::Node entry);

}  // namespace authd::core
