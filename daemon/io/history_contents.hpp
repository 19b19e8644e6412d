// The texts that the history keeps, each once, named by its SHA-256: a plain file "<id>.json", or
// packed, "<id>.<base id>.zst", as what makes it of another one.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.hpp"

namespace authd::io {

// Settings thread only. Errors are an errno, or 0.
class Contents {
 public:
  struct File {
    std::string base;  // the content that this one is made of; empty where it is plain
    std::size_t bytes = 0;
  };
  // One file for each content. Where a crash left two, the plain one counts, else the younger one.
  using Files = std::map<std::string, File>;

  explicit Contents(std::string directory) : directory_(std::move(directory)) {}

  // 64 lower-case hex digits: nothing else becomes part of a path.
  static bool is_id(std::string_view text);
  std::string path_of(const std::string& id) const { return directory_ + "/" + id + ".json"; }

  // Makes sure that there is a plain file; `made` says whether there was none. Not flushed.
  int keep(const std::string& id, std::string_view text, bool& made);
  bool holds(const std::string& id) const;
  // Nothing where it is not there, or not what its name says.
  std::optional<std::string> read(const std::string& id) const;
  std::expected<Files, int> files() const;

  // Packs old versions. `histories` are the contents of each settings file, the oldest first.
  // Flushed. What cannot be packed stays as it is.
  void pack(const std::vector<std::vector<std::string>>& histories);
  // Shows every text that can be read.
  void each(const std::function<void(const std::string& id, const std::string& text)>& show) const;

  // Every content as `edit` makes it, beside what is there; nothing of those that `edit` drops and
  // of those that are damaged. Flushed. `drop_all_but` then makes it the only ones.
  struct Edition {
    std::map<std::string, std::optional<std::string>> ids;  // former id to new id, none: dropped
    std::set<std::string> names;                            // the files it consists of
  };
  using Edit = std::function<std::optional<std::string>(const std::string& text)>;
  std::expected<Edition, int> edit(const Edit& edit) const;
  void drop_all_but(const std::set<std::string>& names);
  // Removes what a crash left behind of files that were being written.
  void drop_temporary_files() const;

  static std::string name_of(const std::string& id, const File& file);

 private:
  struct Text {
    std::string id, text;
  };
  // Makes something of a text and hands it to the texts that are packed against it.
  using Visit = std::function<Text(const Text& content, const Text& of_base)>;
  // An errno where one of them could not be read that may be as it should be.
  int walk(const Files& files, const Visit& visit) const;
  std::optional<std::string> read(const std::string& id, std::size_t links_max) const;
  // EBADMSG where it is not what its name says.
  std::expected<std::string, int> text_of(const std::string& id, const File& file,
                                          std::string_view base) const;
  std::string packed_base(const std::string& id) const;
  void pack_group(std::span<const std::string> ids, const std::string& base, Files& files) const;
  int write(const std::string& name, const std::string& text, const Text& base) const;
  std::string path(const std::string& name) const { return directory_ + "/" + name; }

  std::string directory_;
  // Which contents are packed, read when somebody first asks for one that is not plain.
  mutable std::optional<Files> packed_;
};

}  // namespace authd::io
