// Replacing files so that nothing is lost: not the old content when it fails, and not what somebody
// else wrote at the same moment.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/io/file.hpp"
#include "daemon/io/file_descriptor.hpp"
#include "protocol/result.hpp"

namespace authd::io {

// A name beside `path` for a file that is being written. Never settings.json.tmp, .orig or
// .corrupted: Qwen Code destroys files of these names.
std::string temporary_beside(const std::string& path);

// Whether a replaced file was what it was expected to be.
enum class Replaced {
  done,
  changed_underneath,  // somebody else wrote meanwhile; what they wrote stands untouched
};

// A file that replaces another at `commit`, or leaves nothing behind. Mode 0600; where root
// writes somebody's file, that owner. While it is open it holds a lock on its temporary file, so
// that a sweep can tell it from one that a killed process left.
class Replacement {
 public:
  static Result<Replacement> open(const std::string& path, const std::optional<struct stat>& old);
  Replacement(Replacement&& other) noexcept;
  Replacement& operator=(Replacement&&) = delete;
  ~Replacement();

  // Writes and flushes to the disk. `text` stays where it is until it is committed.
  Result<void> write(std::string_view text);
  // Renames over the target, whatever is there, and flushes the directory.
  Result<void> commit();
  // The same, if what is there still is `expected` (nothing = no file). Both names are swapped in
  // one step and what came out is compared, so that no write of somebody else can be lost between
  // a look and a rename. What came out has no name any more then, but is there until this object's
  // end: the disk's work of giving it up is nobody's to wait for.
  Result<Replaced> commit_over(std::optional<std::string_view> expected);
  // What somebody else had written, where the swap took it out, oldest first. It went back, but who
  // read the file in between and writes that may have overwritten it. Where it could not go back,
  // the error says where it is; the next sweep finds it there.
  std::vector<FileContent> take_found() { return std::move(found_); }

 private:
  Replacement() = default;
  Result<Replaced> swap_with(std::string_view expected);
  Error failure(int error) const;

  FileDescriptor file_, directory_, former_;
  std::string path_, temporary_;
  std::string_view text_;  // what was written
  std::vector<FileContent> found_;
};

// Removes a file if it still holds `expected`.
Result<Replaced> remove_if_unchanged(const std::string& path, const std::string& expected);

// A symlink that replaces a file, or another symlink, in one step if what is read there still is
// `expected`.
Result<Replaced> replace_by_link(const std::string& path, const std::string& link,
                                 const std::string& expected);

// Temporary files that a killed process left in a directory: their paths. Those of a write that is
// under way are not among them.
std::vector<std::string> abandoned_files(const std::string& directory);

}  // namespace authd::io
