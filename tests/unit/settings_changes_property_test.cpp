// The laws of comparing, on generated settings.
#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "daemon/core/settings_changes.hpp"
#include "tests/support/document_generator.hpp"

namespace authd::core {
namespace {

using test::Tape;
using Bytes = std::vector<std::uint8_t>;

OrderedJson some_model(Tape& tape) {
  static const std::vector<std::string> ids{"a", "b", "c", ""}, urls{"", "u", "v"};
  OrderedJson made = {{"n", tape.below(3)}};
  if (tape.below(8) == 1) return test::any_value(tape, 1);
  if (const std::string& id = ids[tape.below(ids.size())]; !id.empty()) made["id"] = id;
  if (const std::string& url = urls[tape.below(urls.size())]; !url.empty()) made["baseUrl"] = url;
  return made;
}

OrderedJson models(Tape& tape) {
  if (tape.below(8) == 1) return test::any_value(tape, 1);
  OrderedJson list = OrderedJson::array();
  for (std::size_t count = tape.below(5); count > 0; --count) list.push_back(some_model(tape));
  if (tape.below(4) == 1) return {{"protocol", tape.yes() ? "openai" : "gemini"}, {"models", list}};
  return list;
}

OrderedJson object_of(Tape& tape, const std::vector<std::string>& names, OrderedJson (*value)(Tape&)) {
  if (tape.below(8) == 1) return test::any_value(tape, 1);
  OrderedJson made = OrderedJson::object();
  for (std::size_t count = tape.below(4); count > 0; --count) made[names[tape.below(names.size())]] = value(tape);
  return made;
}

OrderedJson small_value(Tape& tape) { return test::any_value(tape, 1); }
OrderedJson section_of_security(Tape& tape) { return object_of(tape, {"selectedType", "apiKey"}, test::scalar); }

// Few names and few values, so that two documents have much in common.
OrderedJson settings(Tape& tape) {
  OrderedJson made = OrderedJson::object();
  if (tape.yes()) made["env"] = object_of(tape, {"A", "B", "C"}, test::scalar);
  if (tape.yes()) made["model"] = object_of(tape, {"name", "baseUrl"}, small_value);
  if (tape.yes()) made["modelProviders"] = object_of(tape, {"openai", "my.gw"}, models);
  if (tape.yes()) made["security"] = object_of(tape, {"auth", "folderTrust"}, section_of_security);
  if (tape.yes()) made["other"] = object_of(tape, {"x", "y"}, small_value);
  if (tape.yes()) made[test::odd_string(tape)] = test::any_value(tape, 2);
  return made;
}

Jsonc written(Tape& tape, const OrderedJson& value) {
  const test::Writing writing = test::Writing::of(tape);
  auto document = Jsonc::parse(test::DocumentWriter(tape, writing).write(value));
  RC_ASSERT(document.has_value());
  return *std::move(document);
}

OrderedJson shuffled(const OrderedJson& object) {
  if (!object.is_object()) return object;
  OrderedJson made = OrderedJson::object();
  for (auto item = object.end(); item != object.begin();) {
    --item;
    made[item.key()] = shuffled(item.value());
  }
  return made;
}

void sort_lists(Json& value) {
  if (!value.contains("modelProviders") || !value["modelProviders"].is_object()) return;
  for (Json& provider : value["modelProviders"]) {
    Json& list = provider.is_object() && provider.contains("models") ? provider["models"] : provider;
    if (list.is_array()) std::sort(list.begin(), list.end());
  }
}

// The value at a path, made where it is missing.
Json& place(Json& value, const Path& path) {
  Json* at = &value;
  for (const std::string& name : path) at = &(*at)[name];
  return *at;
}

const Json* find(const Json& value, const Path& path) {
  const Json* at = &value;
  for (const std::string& name : path) {
    if (!at->is_object() || !at->contains(name)) return nullptr;
    at = &at->at(name);
  }
  return at;
}

void erase(Json& value, Path path) {
  const std::string name = path.back();
  path.pop_back();
  place(value, path).erase(name);
}

// As somebody would apply a change who knows both documents.
void apply(Json& value, const Change& change, const Jsonc& before, const Jsonc& after) {
  if (!change.entry) {
    if (change.after == Jsonc::none) return erase(value, change.path);
    place(value, change.path) = after.value(change.after);
    return;
  }
  Json& list = place(value, change.path);
  if (list.is_null()) list = Json::array();
  if (change.before != Jsonc::none) {
    const auto former = std::find(list.begin(), list.end(), before.value(change.before));
    RC_ASSERT(former != list.end());
    list.erase(former);
  }
  if (change.after != Jsonc::none) list.push_back(after.value(change.after));
}

void drop_empty_parents(Json& value, const Change& change, const Json& wanted) {
  Path path = change.path;
  if (!change.entry && !path.empty()) path.pop_back();
  for (; !path.empty(); path.pop_back())
    if (const Json* parent = find(value, path); parent && parent->empty() && !find(wanted, path)) erase(value, path);
}

bool is_prefix(const Path& prefix, const Path& path) {
  return prefix.size() <= path.size() && std::equal(prefix.begin(), prefix.end(), path.begin());
}

}  // namespace

TEST_CASE("a document differs in nothing from itself, written in another way and order") {
  REQUIRE(rc::check("rewritten", [](const Bytes& bytes) {
    Tape tape(bytes);
    const OrderedJson value = settings(tape);
    const Jsonc one = written(tape, value), other = written(tape, shuffled(value));
    RC_ASSERT(changes(one, one).empty());
    RC_ASSERT(changes(one, other).empty());
  }));
}

TEST_CASE("the changes of an edit are at the edited path") {
  REQUIRE(rc::check("edit", [](const Bytes& bytes) {
    Tape tape(bytes);
    const Jsonc before = written(tape, settings(tape));
    const std::vector<Path> paths{{"env", "A"}, {"env"}, {"model", "name"}, {"security", "auth", "selectedType"},
                                  {"modelProviders", "openai"}, {"other", "x", "deep"}, {test::odd_string(tape)}};
    const Path path = paths[tape.below(paths.size())];
    const auto after = before.set(path, test::any_value(tape, 2));
    if (!after) return;
    const std::vector<Path> keys = changed_keys(changes(before, *after));
    for (const Path& key : keys) RC_ASSERT(is_prefix(key, path) || is_prefix(path, key));
    Json former = before.value(before.root()), latter = after->value(after->root());
    sort_lists(former);
    sort_lists(latter);
    RC_ASSERT(keys.empty() == (former == latter));
  }));
}

TEST_CASE("applying the changes to the former document makes the latter one") {
  REQUIRE(rc::check("apply", [](const Bytes& bytes, const Bytes& more) {
    Tape tape(bytes), other(more);
    const Jsonc before = written(tape, settings(tape)), after = written(other, settings(other));
    Json value = before.value(before.root()), wanted = after.value(after.root());
    const std::vector<Change> made = changes(before, after);
    for (const Change& change : made) apply(value, change, before, after);
    for (const Change& change : made) drop_empty_parents(value, change, wanted);
    sort_lists(value);
    sort_lists(wanted);
    RC_ASSERT(dump(value) == dump(wanted));
  }));
}

TEST_CASE("a path reads as it is written") {
  REQUIRE(rc::check("path", [](const Bytes& bytes) {
    Tape tape(bytes);
    Path path{test::odd_string(tape)};
    for (std::size_t count = tape.below(3); count > 0; --count) path.push_back(test::odd_string(tape));
    RC_ASSERT(parse_path(path_text(path)) == path);
  }));
}

}  // namespace authd::core
