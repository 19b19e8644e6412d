#include "daemon/io/history_contents.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "daemon/core/sha256.hpp"
#include "daemon/io/file.hpp"
#include "daemon/io/history_pack.hpp"
#include "daemon/io/replacement.hpp"
#include "protocol/limits.hpp"

namespace authd::io {
namespace {

namespace fs = std::filesystem;

// Seven versions are packed against the eighth, which stays plain; seven such bases are later
// packed against an eighth, and so on. Each is packed once, and few of a long history stay plain.
constexpr std::size_t group = 8;
// How many stay plain on each of these levels: all of small files, for who looks for a backup.
constexpr std::size_t plain_max = 128;
constexpr std::size_t plain_bytes_max = limits::history_bytes_max / 8;
// A chain from a packed content to a plain one is a handful long; names in the directory could
// also lead in a circle.
constexpr std::size_t links_max = 64;

constexpr std::size_t id_length = 64;
constexpr std::string_view plain_suffix = ".json", packed_suffix = ".zst";

// The id and the base that a name in the directory tells; nothing where it is no content's.
std::optional<std::pair<std::string, std::string>> parse_name(std::string_view name) {
  const std::string_view id = name.substr(0, id_length), rest = name.substr(id.size());
  if (!Contents::is_id(id)) return std::nullopt;
  if (rest == plain_suffix) return std::pair(std::string(id), std::string());
  if (rest.size() != 1 + id_length + packed_suffix.size() || rest[0] != '.' ||
      !rest.ends_with(packed_suffix))
    return std::nullopt;
  const std::string_view base = rest.substr(1, id_length);
  if (!Contents::is_id(base)) return std::nullopt;
  return std::pair(std::string(id), std::string(base));
}

// An errno where not all names can be had. No directory has none.
std::expected<std::vector<std::string>, int> names_in(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error))
    names.push_back(entry->path().filename().string());
  if (error && error != std::errc::no_such_file_or_directory) return std::unexpected(error.value());
  return names;
}

// What is packed against each content.
std::map<std::string, std::vector<std::string>> dependents_in(const Contents::Files& files) {
  std::map<std::string, std::vector<std::string>> dependents;
  for (const auto& [id, file] : files)
    if (!file.base.empty()) dependents[file.base].push_back(id);
  return dependents;
}

}  // namespace

bool Contents::is_id(std::string_view text) {
  return text.size() == id_length &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string Contents::name_of(const std::string& id, const File& file) {
  return file.base.empty() ? id + std::string(plain_suffix)
                           : id + "." + file.base + std::string(packed_suffix);
}

// A size that differs is what a power cut leaves of a file that was not flushed.
int Contents::keep(const std::string& id, std::string_view text, bool& made) {
  struct stat st {};
  if (!is_id(id)) return EINVAL;
  if (lstat(path_of(id).c_str(), &st) == 0 && S_ISREG(st.st_mode) &&
      st.st_size == static_cast<off_t>(text.size()))
    return 0;
  if (const int error = make_private_directory(directory_)) return error;
  made = true;
  return write_new_file(path_of(id), text);
}

std::expected<Contents::Files, int> Contents::files() const {
  const auto names = names_in(directory_);
  if (!names) return std::unexpected(names.error());
  Files files;
  std::map<std::string, timespec> times;
  const auto younger = [](const timespec& a, const timespec& b) {
    return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
  };
  for (const std::string& name : *names) {
    const auto parsed = parse_name(name);
    struct stat st {};
    if (!parsed || (lstat(path(name).c_str(), &st) == 0 && !S_ISREG(st.st_mode))) continue;
    const auto& [id, base] = *parsed;
    const auto known = files.find(id);
    const bool counts = known == files.end() || base.empty() ||
                        (!known->second.base.empty() && younger(st.st_mtim, times[id]));
    if (!counts) continue;
    files[id] = {base, static_cast<std::size_t>(st.st_size)};
    times[id] = st.st_mtim;
  }
  return files;
}

std::string Contents::packed_base(const std::string& id) const {
  if (!packed_) {
    auto all = files();
    if (!all) return {};
    packed_ = *std::move(all);
  }
  const auto file = packed_->find(id);
  return file == packed_->end() ? std::string() : file->second.base;
}

bool Contents::holds(const std::string& id) const {
  struct stat st {};
  return is_id(id) && (lstat(path_of(id).c_str(), &st) == 0 || !packed_base(id).empty());
}

std::expected<std::string, int> Contents::text_of(const std::string& id, const File& file,
                                                  std::string_view base) const {
  auto stored = read_file(path(name_of(id, file)), limits::settings_bytes_max + 1024);
  if (!stored) return std::unexpected(stored.error());
  std::optional<std::string> text =
      file.base.empty() ? std::move(stored->text) : unpack(stored->text, base);
  if (!text || core::sha256_hex(*text) != id) return std::unexpected(EBADMSG);
  return *std::move(text);
}

std::optional<std::string> Contents::read(const std::string& id) const {
  return read(id, links_max);
}

std::optional<std::string> Contents::read(const std::string& id, std::size_t links) const {
  if (!is_id(id) || links == 0) return std::nullopt;
  const auto optional = [](std::expected<std::string, int> text) {
    return text ? std::optional(*std::move(text)) : std::nullopt;
  };
  if (access(path_of(id).c_str(), F_OK) == 0) return optional(text_of(id, {}, {}));
  const std::string base = packed_base(id);
  if (base.empty()) return std::nullopt;
  const auto base_text = read(base, links - 1);
  return base_text ? optional(text_of(id, {base}, *base_text)) : std::nullopt;
}

// From each plain content to those that are packed against it, so that no text is unpacked twice.
int Contents::walk(const Files& all, const Visit& visit) const {
  int error = 0;
  const auto dependents = dependents_in(all);
  const std::function<void(const std::string&, const Text&, const Text&)> from =
      [&](const std::string& id, const Text& base, const Text& of_base) {
        const File& file = all.at(id);
        auto text = text_of(id, file, base.text);
        if (!text) {
          const bool damaged =
              text.error() == EBADMSG || text.error() == EFBIG || text.error() == ENOENT;
          if (!damaged && error == 0) error = text.error();
          return;
        }
        const Text content{id, *std::move(text)};
        const Text made = visit(content, of_base);
        if (const auto next = dependents.find(id); next != dependents.end())
          for (const std::string& dependent : next->second) from(dependent, content, made);
      };
  for (const auto& [id, file] : all)
    if (file.base.empty()) from(id, {}, {});
  return error;
}

void Contents::each(const std::function<void(const std::string&, const std::string&)>& show) const {
  const auto all = files();
  if (!all) return;
  walk(*all, [&](const Text& content, const Text&) {
    show(content.id, content.text);
    return Text{};
  });
}

void Contents::pack(const std::vector<std::vector<std::string>>& histories) {
  auto found = files();
  if (!found) return;
  Files all = *std::move(found);
  const auto dependents = dependents_in(all);
  const std::function<std::size_t(const std::string&)> level_of = [&](const std::string& id) {
    std::size_t level = 0;
    if (const auto below = dependents.find(id); below != dependents.end())
      for (const std::string& dependent : below->second)
        level = std::max(level, 1 + level_of(dependent));
    return level;
  };
  for (const std::vector<std::string>& history : histories) {
    std::map<std::size_t, std::vector<std::string>> levels;  // the plain ones
    for (const std::string& id : history)
      if (const auto file = all.find(id); file != all.end() && file->second.base.empty())
        levels[level_of(id)].push_back(id);
    for (auto level = levels.begin(); level != levels.end(); ++level) {
      auto& [number, ids] = *level;
      std::size_t bytes = 0, first = 0;
      for (const std::string& id : ids) bytes += all[id].bytes;
      const auto left = [&] { return ids.size() - first; };
      while (left() > plain_max || (left() > group && bytes > plain_bytes_max)) {
        const std::span<const std::string> packed(ids.data() + first, group - 1);
        for (const std::string& id : packed) bytes -= all[id].bytes;
        const std::string& base = ids[first + group - 1];
        bytes -= all[base].bytes;
        pack_group(packed, base, all);
        levels[number + 1].push_back(base);
        first += group;
      }
    }
  }
  packed_.reset();
}

// A plain file goes only when what takes its place is on the disk, and known to lead back to it.
void Contents::pack_group(std::span<const std::string> ids, const std::string& base,
                          Files& files) const {
  const auto base_text = text_of(base, {}, {});
  if (!base_text || flush_file(path_of(base)) != 0) return;
  std::vector<std::string> done;
  for (const std::string& id : ids) {
    const auto text = read_file(path_of(id), limits::settings_bytes_max);
    if (!text) continue;
    const std::string packed = io::pack(text->text, *base_text), to = path(name_of(id, {base}));
    if (unpack(packed, *base_text) == text->text && write_new_file(to, packed) == 0 &&
        flush_file(to) == 0)
      done.push_back(id);
  }
  if (flush_file(directory_) != 0) return;
  for (const std::string& id : done) {
    unlink(path_of(id).c_str());
    files[id].base = base;
  }
}

int Contents::write(const std::string& name, const std::string& text, const Text& base) const {
  if (base.id.empty()) return write_new_file(path(name), text);
  const std::string packed = io::pack(text, base.text);
  return packed.empty() ? ENOMEM : write_new_file(path(name), packed);
}

std::expected<Contents::Edition, int> Contents::edit(const Edit& edit) const {
  const auto before = files();
  if (!before) return std::unexpected(before.error());
  Edition edition;
  std::set<std::string> made_already;
  int error = 0;
  const int unread = walk(*before, [&](const Text& content, const Text& of_base) -> Text {
    const auto text = edit(content.text);
    if (!text) {
      edition.ids[content.id] = std::nullopt;
      return {};  // what was packed against it becomes plain
    }
    const Text made{core::sha256_hex(*text), *text};
    edition.ids[content.id] = made.id;
    if (!made_already.insert(made.id).second) return made;
    // One that is plain already stays plain; its base is part of the edition before it is.
    const auto there = before->find(made.id);
    const bool plain = there != before->end() && there->second.base.empty();
    const File file{plain ? std::string() : of_base.id};
    const std::string name = name_of(made.id, file);
    const bool is_there = there != before->end() && there->second.base == file.base;
    if (!is_there && error == 0) error = write(name, *text, of_base);
    edition.names.insert(name);
    return made;
  });
  if (error == 0) error = unread != 0 ? unread : flush_file_system(directory_);
  if (error != 0) return std::unexpected(error);
  return edition;
}

void Contents::drop_all_but(const std::set<std::string>& names) {
  for (const std::string& name : names_in(directory_).value_or(std::vector<std::string>()))
    if (parse_name(name) && !names.contains(name)) unlink(path(name).c_str());
  packed_.reset();
}

void Contents::drop_temporary_files() const {
  for (const std::string& path : abandoned_files(directory_)) unlink(path.c_str());
}

}  // namespace authd::io
