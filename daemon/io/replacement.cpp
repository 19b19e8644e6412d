#include "daemon/io/replacement.hpp"

#include <sys/file.h>
#include <sys/random.h>

#include <cstring>
#include <filesystem>
#include <utility>

#include "daemon/io/file.hpp"
#include "daemon/io/system_call.hpp"
#include "protocol/limits.hpp"

namespace authd::io {
namespace {

constexpr std::string_view temporary_prefix = ".qwen-authd-", temporary_suffix = ".new";

// An errno, or 0.
int renamed(const std::string& from, const std::string& to, unsigned flags) {
  const int result =
      uninterrupted([&] { return renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags); });
  return result < 0 ? errno : 0;
}

// A name that is of no more use. One that cannot be removed now is swept at the next start.
void remove_name(const std::string& path) {
  for (int tries = 0; tries < 2 && unlink(path.c_str()) != 0; ++tries) {
  }
}

// Theirs was taken out of its place and does not go back.
Error stranded(const std::string& path, const std::string& at, int error) {
  Error result =
      not_writable(path, error,
                   "Another program wrote " + path + " at the same moment, and what it wrote " +
                       "cannot be put back: " + std::strerror(error) + ". It is in " + at + ".");
  result.hint = "Move that file to its place, or start the daemon anew: then the history takes it.";
  return result;
}

std::string random_suffix() {
  unsigned char bytes[8] = {};
  if (getrandom(bytes, sizeof bytes, 0) < 0) return std::to_string(getpid());
  std::string text;
  for (const unsigned char byte : bytes) text += "0123456789abcdefghijklmnopqrstuv"[byte & 31U];
  return text;
}

}  // namespace

std::string temporary_beside(const std::string& path) {
  return parent_directory(path) + "/" + std::string(temporary_prefix) + random_suffix() +
         std::string(temporary_suffix);
}

Result<Replacement> Replacement::open(const std::string& path,
                                      const std::optional<struct stat>& old) {
  Replacement replacement;
  replacement.path_ = path;
  const std::string directory = parent_directory(path);
  replacement.directory_ = open_file(directory, O_RDONLY | O_DIRECTORY);
  if (!replacement.directory_)
    return std::unexpected(
        not_writable(path, errno, "Cannot open " + directory + ": " + std::strerror(errno) + "."));
  const std::string temporary = temporary_beside(path);
  replacement.file_ = open_file(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
  if (!replacement.file_)
    return std::unexpected(not_writable(
        path, errno, "Cannot write to " + directory + ": " + std::strerror(errno) + "."));
  replacement.temporary_ = temporary;
  flock(replacement.file_.get(), LOCK_EX | LOCK_NB);
  const bool other_owner = old && (old->st_uid != geteuid() || old->st_gid != getegid());
  if (other_owner && fchown(replacement.file_.get(), old->st_uid, old->st_gid) != 0 &&
      old->st_uid != geteuid())
    return std::unexpected(not_writable(
        path, EPERM, path + " belongs to another user (" + std::to_string(old->st_uid) + ")."));
  return replacement;
}

Replacement::Replacement(Replacement&& other) noexcept
    : file_(std::move(other.file_)),
      directory_(std::move(other.directory_)),
      former_(std::move(other.former_)),
      path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      text_(other.text_),
      found_(std::move(other.found_)) {}

Replacement::~Replacement() {
  if (!temporary_.empty()) remove_name(temporary_);
}

Result<void> Replacement::write(std::string_view text) {
  text_ = text;
  int error = write_all(file_.get(), text);
  if (error == 0 && flush(file_) != 0) error = errno;
  if (error != 0)
    return std::unexpected(
        not_writable(path_, error, "Cannot write " + path_ + ": " + std::strerror(error) + "."));
  return {};
}

Error Replacement::failure(int error) const {
  return not_writable(path_, error, "Cannot replace " + path_ + ": " + std::strerror(error) + ".");
}

Result<void> Replacement::commit() {
  if (const int error = renamed(temporary_, path_, 0)) return std::unexpected(failure(error));
  temporary_.clear();
  flush(directory_);  // the file is the new one whether or not this succeeds
  return {};
}

Result<Replaced> Replacement::commit_over(std::optional<std::string_view> expected) {
  if (expected) return swap_with(*expected);
  const int error = renamed(temporary_, path_, RENAME_NOREPLACE);
  if (error == EEXIST) return Replaced::changed_underneath;
  if (error == EINVAL || error == ENOSYS) {  // a file system without this; link(2) refuses likewise
    if (link(temporary_.c_str(), path_.c_str()) != 0)
      return errno == EEXIST ? Result<Replaced>(Replaced::changed_underneath)
                             : std::unexpected(failure(errno));
    remove_name(temporary_);
  } else if (error != 0) {
    return std::unexpected(failure(error));
  }
  temporary_.clear();
  flush(directory_);  // the file is the new one whether or not this succeeds
  return Replaced::done;
}

Result<Replaced> Replacement::swap_with(std::string_view expected) {
  const int error = renamed(temporary_, path_, RENAME_EXCHANGE);
  if (error == ENOENT) return Replaced::changed_underneath;
  if (error == EINVAL || error == ENOSYS) {  // a file system without this: a look, then the rename
    if (!open_if_says(path_, expected)) return Replaced::changed_underneath;
    if (auto ok = commit(); !ok) return std::unexpected(ok.error());
    return Replaced::done;
  }
  if (error != 0) return std::unexpected(failure(error));
  if (auto former = open_if_says(temporary_, expected)) {
    former_ = std::move(former->file);
    remove_name(temporary_);
    temporary_.clear();
    flush(directory_);  // the file is the new one whether or not this succeeds
    return Replaced::done;
  }
  auto out = read_file(temporary_, limits::settings_bytes_max);
  const int unread = out ? 0 : out.error();
  // Somebody wrote in between: theirs goes back. What comes out is what was put in last, unless
  // they have written once more; then that is the newest, and goes back in turn. Where there is no
  // file they are about to write.
  constexpr int swaps_max = 16;
  std::string in_place(text_);
  for (int swaps = 0; swaps < swaps_max; ++swaps) {
    std::string back = out ? out->text : std::string();
    if (out) found_.push_back(*std::move(out));
    const int again = renamed(temporary_, path_, RENAME_EXCHANGE);
    if (again == ENOENT) break;
    if (again != 0) return std::unexpected(stranded(path_, std::exchange(temporary_, {}), again));
    out = read_file(temporary_, limits::settings_bytes_max);
    if (!out || out->text == in_place) break;
    in_place = std::move(back);
  }
  if (unread != 0) return std::unexpected(failure(unread));
  return Replaced::changed_underneath;
}

Result<Replaced> remove_if_unchanged(const std::string& path, const std::string& expected) {
  const std::string aside = temporary_beside(path);
  const auto failed = [&](int error) {
    return std::unexpected(
        not_writable(path, error, "Cannot remove " + path + ": " + std::strerror(error) + "."));
  };
  if (const int error = renamed(path, aside, RENAME_NOREPLACE))
    return error == ENOENT ? Result<Replaced>(Replaced::changed_underneath) : failed(error);
  const auto former = read_file(aside, limits::settings_bytes_max);
  if (former && former->text == expected) {
    remove_name(aside);
    return Replaced::done;
  }
  if (const int error = renamed(aside, path, RENAME_NOREPLACE); error != 0 && error != EEXIST)
    return failed(error);
  return former ? Result<Replaced>(Replaced::changed_underneath) : failed(former.error());
}

Result<Replaced> replace_by_link(const std::string& path, const std::string& link,
                                 const std::string& expected) {
  const std::string temporary = temporary_beside(path);
  const auto failed = [&](int error) {
    unlink(temporary.c_str());
    return std::unexpected(not_writable(
        path, error, "Cannot put the link " + path + " back: " + std::strerror(error) + "."));
  };
  const auto is_expected = [&](const std::string& at) {
    return open_if_says(at, expected).has_value();
  };
  if (uninterrupted([&] { return symlink(link.c_str(), temporary.c_str()); }) < 0)
    return failed(errno);
  int error = renamed(temporary, path, RENAME_EXCHANGE);
  const bool is_swapped = error == 0;
  if ((error == EINVAL || error == ENOSYS) && is_expected(path))
    error = renamed(temporary, path, 0);
  if (error != 0 && error != ENOENT && error != EINVAL && error != ENOSYS) return failed(error);
  if (is_swapped && !is_expected(temporary)) {
    if (const int again = renamed(temporary, path, RENAME_EXCHANGE))
      return std::unexpected(stranded(path, temporary, again));
    // Once more they wrote: that is the next sweep's.
    if (link_at(temporary).value_or("") != link) return Replaced::changed_underneath;
    error = ENOENT;
  }
  remove_name(temporary);
  return error == 0 ? Replaced::done : Replaced::changed_underneath;
}

std::vector<std::string> abandoned_files(const std::string& directory) {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(temporary_prefix) || !name.ends_with(temporary_suffix)) continue;
    const FileDescriptor file =
        open_file(entry.path().string(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (file && flock(file.get(), LOCK_EX | LOCK_NB) != 0) continue;
    found.push_back(entry.path().string());
  }
  return found;
}

}  // namespace authd::io
