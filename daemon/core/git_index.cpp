// The format is git's Documentation/gitformat-index.txt. The checksum at the end is not verified: a
// damaged index at worst hides a file.
#include "daemon/core/git_index.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace authd::core {
namespace {

constexpr std::size_t before_mode_bytes = 24;  // times, device, inode
constexpr std::size_t after_mode_bytes = 12;   // owner, size
constexpr std::size_t stat_bytes = before_mode_bytes + 4 + after_mode_bytes;

// Takes from the front of the bytes; `ok` is false once they were too few.
class IndexReader {
 public:
  explicit IndexReader(std::string_view bytes) : bytes_(bytes) {}
  bool ok() const { return ok_; }
  std::size_t left() const { return bytes_.size(); }

  std::string_view take(std::size_t count) {
    if (count > bytes_.size()) {
      ok_ = false;
      count = bytes_.size();
    }
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  std::uint32_t big_endian(std::size_t count) {
    std::uint32_t value = 0;
    for (const char byte : take(count)) value = value << 8U | static_cast<unsigned char>(byte);
    return value;
  }
  // The number of version 4's names: seven bits a byte, and one is added for each that follows.
  std::size_t offset() {
    std::size_t value = 0;
    for (int bytes = 1; bytes <= 5; ++bytes) {
      const std::uint32_t byte = big_endian(1);
      value = value << 7U | (byte & 0x7FU);
      if ((byte & 0x80U) == 0) return value;
      ++value;
    }
    ok_ = false;
    return 0;
  }
  std::string_view until_nul() {
    const std::string_view taken = take(bytes_.find('\0'));
    take(1);
    return taken;
  }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

class Index {
 public:
  Index(std::string_view bytes, std::size_t object_id_bytes)
      : reader_(bytes),
        object_id_bytes_(object_id_bytes),
        entry_bytes_(stat_bytes + object_id_bytes + 2) {
    is_index_ = reader_.take(4) == "DIRC";
    version_ = reader_.big_endian(4);
    entries_ = reader_.big_endian(4);
    is_index_ = is_index_ && version_ >= 2 && version_ <= 4;
    if (!is_index_) entries_ = 0;
  }

  // The path of the next entry, good until the one after it; nothing at the end of the entries.
  std::optional<std::string_view> next() {
    if (entries_ == 0) return std::nullopt;
    --entries_;
    reader_.take(before_mode_bytes);
    mode_ = reader_.big_endian(4);
    reader_.take(after_mode_bytes + object_id_bytes_);
    const std::uint32_t flags = reader_.big_endian(2);
    const bool extended = (flags & 0x4000U) != 0;
    if (extended) reader_.take(2);
    const std::string_view path = version_ == 4 ? compressed() : padded(extended ? 2 : 0);
    return reader_.ok() ? std::optional(path) : std::nullopt;
  }
  // Of that entry: it stands for all that is below a directory.
  bool is_directory() const { return (mode_ & 0170000U) == 0040000U; }

  // After the entries: whether there follow only parts that take nothing from what they say, and
  // the checksum. Git itself refuses parts that it does not know where their name is in lower case.
  bool ends_well() {
    if (!is_index_ || entries_ != 0) return false;
    while (reader_.ok() && reader_.left() > object_id_bytes_) {
      const std::string_view name = reader_.take(4);
      const bool is_optional = name.front() >= 'A' && name.front() <= 'Z';
      if (!is_optional && name != "sdir") return false;
      reader_.take(reader_.big_endian(4));
    }
    return reader_.ok() && reader_.left() == object_id_bytes_;
  }

 private:
  // An entry is filled up with one to eight NULs to a multiple of eight.
  std::string_view padded(std::size_t extension_bytes) {
    const std::string_view path = reader_.until_nul();
    const std::size_t bytes = entry_bytes_ + extension_bytes + path.size() + 1;
    reader_.take((8 - bytes % 8) % 8);
    return path;
  }

  // The former path without its last so many bytes, then what follows.
  std::string_view compressed() {
    const std::size_t dropped = reader_.offset();
    if (dropped > path_.size()) reader_.take(std::string_view::npos);
    path_.resize(path_.size() - std::min(dropped, path_.size()));
    path_ += reader_.until_nul();
    return path_;
  }

  IndexReader reader_;
  bool is_index_ = false;
  std::size_t object_id_bytes_;
  std::size_t entry_bytes_;  // before the path
  std::uint32_t mode_ = 0;
  std::uint32_t version_ = 0, entries_ = 0;
  std::string path_;
};

// The index does not say whether its object ids are SHA-1 or SHA-256.
constexpr std::size_t object_id_lengths[] = {20, 32};

bool is_complete(Index index, std::string_view path_in_work_tree) {
  while (const auto path = index.next())
    if (index.is_directory() && path_in_work_tree.starts_with(*path)) return false;
  return index.ends_well();
}

}  // namespace

bool git_index_holds(std::string_view index_bytes, std::string_view path_in_work_tree) {
  for (const std::size_t object_id_bytes : object_id_lengths) {
    Index index(index_bytes, object_id_bytes);
    while (const auto path = index.next())
      if (*path == path_in_work_tree) return true;
  }
  return false;
}

bool git_index_is_complete(std::string_view index_bytes, std::string_view path_in_work_tree) {
  return std::ranges::any_of(object_id_lengths, [&](std::size_t object_id_bytes) {
    return is_complete(Index(index_bytes, object_id_bytes), path_in_work_tree);
  });
}

}  // namespace authd::core
