#include "daemon/io/history.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "daemon/core/key_purge.hpp"
#include "daemon/core/settings.hpp"
#include "daemon/core/sha256.hpp"
#include "daemon/core/text.hpp"
#include "daemon/io/file.hpp"
#include "daemon/io/replacement.hpp"
#include "daemon/io/system_call.hpp"
#include "protocol/limits.hpp"

namespace authd::io {
namespace {

// The bounds hold between two tidyings, too: each leaves room for what comes until the next one.
constexpr std::size_t bytes_between_max = limits::history_bytes_max / 8;
constexpr std::size_t bytes_left_max = limits::history_bytes_max - 2 * bytes_between_max;
constexpr std::size_t snapshots_left_max = limits::snapshots_max - History::settle_interval;
// Of a record, so that the index stays small beside the contents: a file has thousands of members.
constexpr std::size_t keys_max = 256, keys_bytes_max = 8 * 1024;
// No record is longer, whatever its paths are: such a line is torn.
constexpr std::size_t record_bytes_max = 256 * 1024;

std::string string_of(const Json& record, const char* name) {
  const auto member = record.find(name);
  return member != record.end() && member->is_string() ? member->get<std::string>() : std::string();
}

std::vector<std::vector<std::string>> keys_of(const Json& record) {
  std::vector<std::vector<std::string>> keys;
  const auto member = record.find("keys");
  if (member == record.end() || !member->is_array()) return keys;
  for (const Json& path : *member) {
    if (!path.is_array()) continue;
    std::vector<std::string>& names = keys.emplace_back();
    for (const Json& name : path)
      if (name.is_string()) names.push_back(name);
  }
  return keys;
}

Json listed(const std::vector<std::vector<std::string>>& keys) {
  Json list = Json::array();
  std::size_t bytes = 0;
  for (const std::vector<std::string>& path : keys) {
    for (const std::string& name : path) bytes += name.size();
    if (list.size() == keys_max || bytes > keys_bytes_max) break;
    list.push_back(path);
  }
  return list;
}

std::string line_of(const Snapshot& snapshot) { return dump(to_json(snapshot)) + "\n"; }

// The last `bytes_max` bytes of a file, and how many it has in all. What is cut off above is not
// missed: the first line is passed over as a torn one is.
std::expected<std::pair<std::string, std::size_t>, int> read_end(const std::string& path,
                                                                 std::size_t bytes_max) {
  auto whole = read_file(path, bytes_max);
  if (whole) return std::pair(std::move(whole->text), whole->text.size());
  if (whole.error() != EFBIG) return std::unexpected(whole.error());
  const FileDescriptor file = open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  struct stat st {};
  if (!file || fstat(file.get(), &st) != 0) return std::unexpected(errno);
  std::string end(bytes_max, '\0');
  std::size_t filled = 0;
  while (filled < end.size()) {
    const off_t at = st.st_size - static_cast<off_t>(end.size() - filled);
    const ssize_t bytes =
        uninterrupted([&] { return pread(file.get(), &end[filled], end.size() - filled, at); });
    if (bytes < 0) return std::unexpected(errno);
    if (bytes == 0) break;
    filled += static_cast<std::size_t>(bytes);
  }
  end.resize(filled);
  return std::pair(std::move(end), static_cast<std::size_t>(st.st_size));
}

Error not_kept(const std::string& directory, int error) {
  const std::string why = error == EPERM ? "it belongs to another user" : std::strerror(error);
  return not_writable(
      directory, error,
      "Cannot keep a copy in " + directory + ": " + why + ". Without it nothing is written.");
}

// Which contents are needed, by records or by what is packed against them, and how large they are.
class Usage {
 public:
  explicit Usage(const Contents::Files& files) : files_(files) {}

  void add(const Snapshot& snapshot) {
    bytes_ += line_of(snapshot).size();
    for (const auto& id : {snapshot.before, snapshot.after})
      if (id) need(*id);
  }
  void remove(const Snapshot& snapshot) {
    bytes_ -= line_of(snapshot).size();
    for (const auto& id : {snapshot.before, snapshot.after})
      if (id) release(*id);
  }
  std::size_t bytes() const { return bytes_; }
  std::set<std::string> names() const {
    std::set<std::string> names;
    for (const auto& [id, count] : counts_)
      if (const auto file = files_.find(id); count > 0 && file != files_.end())
        names.insert(Contents::name_of(id, file->second));
    return names;
  }

 private:
  void need(const std::string& id) {
    const auto file = files_.find(id);
    if (counts_[id]++ > 0 || file == files_.end()) return;
    bytes_ += file->second.bytes;
    if (!file->second.base.empty()) need(file->second.base);
  }
  void release(const std::string& id) {
    const auto file = files_.find(id);
    if (--counts_[id] > 0 || file == files_.end()) return;
    bytes_ -= file->second.bytes;
    if (!file->second.base.empty()) release(file->second.base);
  }

  const Contents::Files& files_;
  std::map<std::string, std::size_t> counts_;
  std::size_t bytes_ = 0;
};

// Of each settings file its contents, those last seen at the end.
std::vector<std::vector<std::string>> contents_by_path(const std::vector<Snapshot>& snapshots) {
  std::map<std::string, std::vector<std::string>> newest_first;
  std::set<std::pair<std::string, std::string>> seen;
  for (auto snapshot = snapshots.rbegin(); snapshot != snapshots.rend(); ++snapshot)
    for (const auto& id : {snapshot->after, snapshot->before})
      if (id && seen.emplace(snapshot->path, *id).second)
        newest_first[snapshot->path].push_back(*id);
  std::vector<std::vector<std::string>> histories;
  for (auto& [path, ids] : newest_first) histories.emplace_back(ids.rbegin(), ids.rend());
  return histories;
}

// Of each settings file the newest snapshot with a content that parses: the last good state.
std::set<std::string> last_good_ones(const std::vector<Snapshot>& snapshots,
                                     const Contents& contents) {
  std::set<std::string> paths, ids;
  const auto parses = [&](const std::string& id) {
    const auto text = contents.read(id);
    const auto document = text ? std::optional(core::Jsonc::parse(*text)) : std::nullopt;
    return document && *document && (*document)->trailing_commas().empty();
  };
  for (auto snapshot = snapshots.rbegin(); snapshot != snapshots.rend(); ++snapshot) {
    if (paths.contains(snapshot->path)) continue;
    const bool after =
        snapshot->after && snapshot->trouble.empty() && contents.holds(*snapshot->after);
    if (!after && !(snapshot->before && parses(*snapshot->before))) continue;
    paths.insert(snapshot->path);
    ids.insert(snapshot->id);
  }
  return ids;
}

}  // namespace

Snapshot Snapshot::now(std::string_view content_id) {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  std::tm utc{};
  gmtime_r(&time.tv_sec, &utc);
  char id[64] = {}, at[64] = {};
  std::size_t length = std::strftime(id, sizeof id, "%Y%m%dT%H%M%S", &utc);
  std::snprintf(id + length, sizeof id - length, ".%09ldZ-", time.tv_nsec);
  length = std::strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(at + length, sizeof at - length, ".%03ldZ", time.tv_nsec / 1'000'000);
  Snapshot snapshot;
  snapshot.id = id + std::string(content_id.substr(0, 8));
  snapshot.at = at;
  return snapshot;
}

Json to_json(const Snapshot& snapshot) {
  const auto content = [](const std::optional<std::string>& id) {
    return id ? Json(*id) : Json(nullptr);
  };
  Json record = {{"id", snapshot.id},
                 {"at", snapshot.at},
                 {"by", snapshot.by},
                 {"path", snapshot.path},
                 {"scope", snapshot.scope},
                 {"keys", listed(snapshot.keys)},
                 {"before", content(snapshot.before)},
                 {"after", content(snapshot.after)}};
  const auto put = [&](const char* name, const std::string& text) {
    if (!text.empty()) record[name] = text;
  };
  if (const std::size_t more = snapshot.keys.size() - record["keys"].size() + snapshot.more_keys)
    record["more_keys"] = more;
  put("method", snapshot.method);
  put("link", snapshot.link);
  put("link_before", snapshot.link_before);
  put("undoes", snapshot.undoes);
  put("trouble", snapshot.trouble);
  return record;
}

std::optional<Snapshot> snapshot_from(const Json& record) {
  if (!record.is_object()) return std::nullopt;
  const auto text = [&](const char* name) { return string_of(record, name); };
  Snapshot snapshot{text("id"),   text("at"),    text("by"),     text("method"),
                    text("path"), text("scope"), keys_of(record)};
  if (const auto more = record.find("more_keys");
      more != record.end() && more->is_number_unsigned())
    snapshot.more_keys = *more;
  snapshot.link = text("link");
  snapshot.link_before = text("link_before");
  snapshot.undoes = text("undoes");
  snapshot.trouble = text("trouble");
  if (snapshot.id.empty() || snapshot.path.empty()) return std::nullopt;
  for (const auto& [name, id] :
       {std::pair("before", &snapshot.before), std::pair("after", &snapshot.after)}) {
    const auto member = record.find(name);
    if (member == record.end() || member->is_null()) continue;
    *id = text(name);
    if (!Contents::is_id(**id)) return std::nullopt;  // ids become paths
  }
  return snapshot;
}

std::string History::content_id(std::string_view text) { return core::sha256_hex(text); }

Result<void> History::keep(const std::string& content_id, std::string_view text) {
  bool made = false;
  if (const int error = contents_.keep(content_id, text, made))
    return std::unexpected(not_kept(directory_, error));
  if (!made) return {};
  unflushed_.insert(path_of(content_id));
  bytes_since_tidy_ += text.size();
  return {};
}

Result<void> History::append(const Json& line) {
  const std::string text = dump(line);
  int error = make_private_directory(directory_);
  if (error == 0) error = append_line(index_path(), text);
  if (error != 0) return std::unexpected(not_kept(directory_, error));
  unflushed_.insert(index_path());
  ++records_since_tidy_;
  bytes_since_tidy_ += text.size();
  return {};
}

Result<void> History::record(const Snapshot& snapshot) {
  const bool known = newest_as_of_ == index_state();
  if (auto appended = append(to_json(snapshot)); !appended) return appended;
  if (!known) return {};
  newest_.insert_or_assign(snapshot.path, snapshot);
  newest_as_of_ = index_state();
  return {};
}

void History::withdraw(const std::string& snapshot_id) { (void)append({{"void", snapshot_id}}); }

History::Index History::read_index() const {
  Index index;
  const auto end = read_end(index_path(), limits::history_bytes_max);
  if (!end) {
    index.error = end.error() == ENOENT ? 0 : end.error();
    return index;
  }
  index.bytes = end->second;
  std::set<std::string> withdrawn;
  for (const std::string_view line : core::split(end->first, '\n')) {
    if (line.empty() || line.size() > record_bytes_max) continue;
    const auto record = parse_json(line);
    if (!record) continue;
    if (auto snapshot = snapshot_from(*record))
      index.snapshots.push_back(*std::move(snapshot));
    else if (record->is_object() && record->contains("void"))
      withdrawn.insert(string_of(*record, "void"));
  }
  std::erase_if(index.snapshots,
                [&](const Snapshot& snapshot) { return withdrawn.contains(snapshot.id); });
  return index;
}

History::IndexState History::index_state() const {
  struct stat st {};
  if (stat(index_path().c_str(), &st) != 0) return {};
  return {st.st_ino, static_cast<std::uint64_t>(st.st_size)};
}

Result<std::vector<Snapshot>> History::snapshots() const {
  Index index = read_index();
  if (index.error == 0) return std::move(index.snapshots);
  return std::unexpected(
      Error{ErrorKind::settings_unreadable,
            "Cannot read the history, " + index_path() + ": " + std::strerror(index.error) + ".",
            {},
            "Check owner and mode of the file and of its directory.",
            {{"path", index_path()}, {"errno", errno_name(index.error)}}});
}

Result<Snapshot> History::find(const std::string& id) const {
  auto all = snapshots();
  if (!all) return std::unexpected(all.error());
  const auto found =
      std::find_if(all->rbegin(), all->rend(), [&](const Snapshot& s) { return s.id == id; });
  if (found != all->rend()) return std::move(*found);
  return fail(ErrorKind::unknown_snapshot, "There is no such snapshot.", "snapshot",
              "settings.history lists the snapshots that are kept.");
}

std::optional<Snapshot> History::last(const std::string& path) const {
  if (const IndexState now = index_state(); now != newest_as_of_) {
    newest_.clear();
    newest_as_of_ = {};
    auto all = snapshots();
    if (!all) return std::nullopt;
    for (Snapshot& snapshot : *all) {
      const std::string of = snapshot.path;
      newest_.insert_or_assign(of, std::move(snapshot));
    }
    newest_as_of_ = now;
  }
  const auto found = newest_.find(path);
  return found == newest_.end() ? std::nullopt : std::optional(found->second);
}

Result<std::string> History::content(const std::string& content_id) const {
  if (auto text = contents_.read(content_id)) return *std::move(text);
  return fail(ErrorKind::unknown_snapshot, "The copy that belongs to this snapshot is gone.",
              "snapshot");
}

Result<void> History::replace_index(const std::string& text) {
  auto index = Replacement::open(index_path(), std::nullopt);
  if (!index) return std::unexpected(index.error());
  if (auto written = index->write(text); !written) return written;
  newest_.clear();
  newest_as_of_ = {};
  return index->commit();
}

void History::settle() {
  if (unflushed_.empty()) return;
  flush();
  if (records_since_tidy_ < settle_interval && bytes_since_tidy_ < bytes_between_max) return;
  records_since_tidy_ = bytes_since_tidy_ = 0;
  tidy();
}

// What cannot be flushed now will not be later: it is not tried again.
void History::flush() {
  for (const std::string& path : unflushed_) flush_file(path);
  flush_file(directory_);
  unflushed_.clear();
}

void History::tidy() {
  const Index index = read_index();
  if (index.error != 0) return;
  contents_.pack(contents_by_path(index.snapshots));
  const auto files = contents_.files();
  if (!files) return;
  Usage usage(*files);
  for (const Snapshot& snapshot : index.snapshots) usage.add(snapshot);
  const std::set<std::string> good = last_good_ones(index.snapshots, contents_);
  std::string left;
  std::size_t count = index.snapshots.size();
  const bool too_many = count > snapshots_left_max;
  for (const Snapshot& snapshot : index.snapshots) {
    const bool over = (too_many && count > snapshots_left_max) || usage.bytes() > bytes_left_max;
    if (!over || good.contains(snapshot.id)) {
      left += line_of(snapshot);
      continue;
    }
    usage.remove(snapshot);
    --count;
  }
  if (left.size() != index.bytes && !replace_index(left)) return;
  contents_.drop_all_but(usage.names());
}

std::size_t History::holding_key(const std::string& name) const {
  const core::KeyPurge purge(name);
  std::set<std::string> holding;
  contents_.each([&](const std::string& id, const std::string& text) {
    if (purge.concerns(text)) holding.insert(id);
  });
  const auto holds = [&](const std::optional<std::string>& id) {
    return id && holding.contains(*id);
  };
  const std::vector<Snapshot> all = read_index().snapshots;
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const Snapshot& s) {
    return holds(s.before) || holds(s.after);
  }));
}

Result<std::size_t> History::purge(const std::string& name,
                                   const std::vector<core::SettingsFile>& current) {
  Index index = read_index();
  if (index.error == 0 && index.bytes == 0) {
    contents_.drop_all_but({});
    return 0;
  }
  core::KeyPurge purge(name);
  contents_.each([&](const std::string&, const std::string& text) { purge.learn(text); });
  std::set<std::string> kept_contents;
  for (const core::SettingsFile& file : current) {
    // Its copies could not be purged now, and not later either, when no text has env.NAME any more.
    if (purge.stands_elsewhere(file.text()))
      return std::unexpected(
          Error{ErrorKind::invalid_input,
                file.path + " says this key outside of env, too. Nothing was purged.",
                "purge",
                "Take the key out there first, then purge again.",
                {{"path", file.path}}});
    kept_contents.insert(file.content_id);
  }
  const auto edition = contents_.edit([&](const std::string& text) {
    return kept_contents.contains(core::content_id(text)) ? text : purge.purged(text);
  });
  const auto failed = [&](int error) {
    return not_writable(
        directory_, error,
        "Cannot purge the copies in " + directory_ + ": " + std::strerror(error) + ".");
  };
  if (!edition || index.error != 0)
    return std::unexpected(failed(edition ? index.error : edition.error()));
  // A dropped content keeps its name in the records, so that it is "gone" and not "no file".
  const auto renamed = [&](std::optional<std::string>& id) {
    const auto now = id ? edition->ids.find(*id) : edition->ids.end();
    if (now == edition->ids.end() || now->second == id) return false;
    if (now->second) id = now->second;
    return true;
  };
  std::size_t changed = 0;
  std::string text;
  for (Snapshot& snapshot : index.snapshots) {
    changed += renamed(snapshot.before) | renamed(snapshot.after);
    text += line_of(snapshot);
  }
  if (auto replaced = replace_index(text); !replaced) return std::unexpected(replaced.error());
  contents_.drop_all_but(edition->names);
  return changed;
}

}  // namespace authd::io
