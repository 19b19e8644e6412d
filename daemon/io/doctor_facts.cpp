#include "daemon/io/doctor_facts.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <climits>
#include <ctime>

#include "daemon/core/redact.hpp"
#include "daemon/core/settings_changes.hpp"
#include "daemon/core/sha256.hpp"
#include "daemon/core/text.hpp"
#include "daemon/io/file.hpp"
#include "daemon/io/key_file.hpp"
#include "daemon/io/oauth_tokens.hpp"
#include "daemon/io/work_tree.hpp"
#include "protocol/limits.hpp"
#include "protocol/secret.hpp"
#include "protocol/socket_path.hpp"

namespace authd::io {
namespace {

constexpr std::size_t start_file_bytes_max = 1024 * 1024;
constexpr std::size_t traces_max = 20;
constexpr std::size_t foreign_writes_max = 10;
constexpr auto foreign_write_age_max = std::chrono::hours(24 * 7);

// Closes a directory.
struct DirectoryStream {
  explicit DirectoryStream(const std::string& path) : dir(opendir(path.c_str())) {}
  ~DirectoryStream() {
    if (dir) closedir(dir);
  }
  DirectoryStream(const DirectoryStream&) = delete;
  DirectoryStream& operator=(const DirectoryStream&) = delete;
  DIR* dir;
};

std::vector<std::string> names_in(const std::string& path, std::size_t names_max) {
  std::vector<std::string> names;
  const DirectoryStream stream(path);
  if (!stream.dir) return names;
  while (const dirent* entry = readdir(stream.dir)) {
    if (names.size() == names_max) break;
    names.emplace_back(entry->d_name);
  }
  return names;
}

std::string git_rules_at(const core::Environment& environment) {
  const std::string config = environment.get("XDG_CONFIG_HOME");
  return (config.starts_with("/") ? config : environment.home + "/.config") + "/git/ignore";
}

core::GitState git_state(GitStanding standing) {
  switch (standing) {
    case GitStanding::tracked: return core::GitState::tracked;
    case GitStanding::untracked: return core::GitState::untracked;
    case GitStanding::ignored: return core::GitState::ignored;
    case GitStanding::outside:
    case GitStanding::unknown: break;
  }
  return core::GitState::outside;
}

class FactFinder {
 public:
  FactFinder(SettingsStore& store, const core::Surroundings& surroundings,
             const core::Environment& environment)
      : store_(store), surroundings_(surroundings), environment_(environment) {}

  DoctorFacts take(const std::string& key_file, bool with_traces) {
    if (auto commands = read_key_file(key_file))
      facts_.commands = *std::move(commands);
    else
      facts_.key_file_trouble = commands.error().message;
    const core::SettingsFiles& files = surroundings_.files;
    settings_file(files.user);
    if (files.workspace) settings_file(*files.workspace);
    const std::string folder = core::parent_folder(files.user.path);
    look_at(folder);
    for (const core::DotenvFile& file : surroundings_.dotenvs) dotenv_file(file);
    copies(folder);
    if (files.workspace) copies(core::parent_folder(files.workspace->path));
    for (const core::DotenvFile& file : surroundings_.dotenvs)
      dotenv_copies(core::parent_folder(file.path));
    authority_files();
    lossy_writes(files.user);
    if (files.workspace) lossy_writes(*files.workspace);
    start_files();
    processes(with_traces);
    if (with_traces) shell_histories();
    facts_.has_oauth_tokens = read_oauth_tokens(folder).has_value();
    socket();
    return std::move(facts_);
  }

 private:
  core::PathFacts* look_at(const std::string& path) {
    struct stat st {};
    if (stat(path.c_str(), &st) != 0) return nullptr;
    core::PathFacts& facts = facts_.paths[path];
    facts.mode = st.st_mode & 07777U;
    facts.is_ours = st.st_uid == geteuid();
    return &facts;
  }

  void look_at_git(const std::string& path, core::PathFacts& facts) const {
    GitPlace place = git_place(path, git_rules_at(environment_));
    facts.git = git_state(place.standing);
    facts.exclude_file = std::move(place.exclude_file);
    facts.git_rule = std::move(place.rule);
  }

  // Of a symlink whose target is not there; else empty.
  static std::string link_at(const std::string& path) {
    struct stat st {};
    if (stat(path.c_str(), &st) == 0) return "";
    char target[PATH_MAX] = {};
    const ssize_t size = readlink(path.c_str(), target, sizeof target);
    return size > 0 ? std::string(target, static_cast<std::size_t>(size)) : "";
  }

  void settings_file(const core::SettingsFile& file) {
    core::PathFacts* facts = look_at(file.path);
    if (!facts) {
      facts = &facts_.paths[file.path];
      facts->link = link_at(file.path);
      if (facts->link.empty()) facts->link = link_at(core::parent_folder(file.path));
    }
    facts->is_writable = SettingsStore::is_writable(file.path);
    if (file.document && !core::literal_keys(*file.document).empty())
      look_at_git(file.path, *facts);
  }

  void dotenv_file(const core::DotenvFile& file) {
    if (!file.exists || !file.trouble.empty()) return;
    core::PathFacts* facts = look_at(file.path);
    if (facts && !file.entries.empty()) look_at_git(file.path, *facts);
    if (auto content = read_file(file.path, limits::dotenv_bytes_max))
      facts_.dotenv_texts[file.path] = std::move(content->text);
  }

  // Beside settings: what programs and people keep of them before they write.
  static bool is_copy_of_settings(const std::string& name) {
    if (name == "settings.json") return false;
    const bool is_swap = name.starts_with(".settings.json");
    return is_swap || (name.starts_with("settings") && name.find("json") != std::string::npos);
  }

  void copies(const std::string& folder) {
    if (!folders_.insert(folder).second) return;
    for (const std::string& name : names_in(folder, names_max)) {
      if (!is_copy_of_settings(name)) continue;
      keep_copy(folder + "/" + name, [](const std::string& text) {
        const auto document = core::Jsonc::parse(text);
        return document && !core::literal_keys(*document).empty();
      });
    }
  }

  // ".env.bak" and its like; ".env.local" and ".env.example" are files of their own.
  static bool is_copy_of_dotenv(std::string_view name) {
    if (!name.starts_with(".env")) return false;
    const std::string end = core::lower_ascii(name.substr(4));
    return end == "~" ||
           std::ranges::any_of(std::to_array<std::string_view>({".bak", ".orig", ".old", ".save",
                                                                ".backup", ".copy", ".swp", "-bak",
                                                                "_bak", "-backup", "_backup"}),
                               [&](std::string_view one) { return end.starts_with(one); });
  }

  void dotenv_copies(const std::string& folder) {
    if (!dotenv_folders_.insert(folder).second) return;
    for (const std::string& name : names_in(folder, names_max)) {
      if (!is_copy_of_dotenv(name)) continue;
      keep_copy(folder + "/" + name, [](const std::string& text) {
        return std::ranges::any_of(core::parse_dotenv(text), core::is_literal_key);
      });
    }
  }

  // One that others can read, or that git would take along.
  void keep_copy(const std::string& path, auto&& has_keys) {
    constexpr std::size_t copies_max = 64;
    struct stat st {};
    if (facts_.backups.size() == copies_max || lstat(path.c_str(), &st) != 0 ||
        !S_ISREG(st.st_mode))
      return;
    const auto content = read_file(path, limits::message_bytes_max);
    if (!content || !has_keys(content->text)) return;
    core::PathFacts* facts = look_at(path);
    if (!facts) return;
    look_at_git(path, *facts);
    facts_.backups.push_back(path);
  }

  // ---- Authorities that Node is to trust

  void authority_files() {
    constexpr const char* name = "NODE_EXTRA_CA_CERTS";
    authority_file(environment_.get(name));
    for (const core::DotenvFile& file : surroundings_.dotenvs)
      for (const core::DotenvEntry& entry : file.entries)
        if (entry.name == name) authority_file(entry.value);
    const core::SettingsFiles& files = surroundings_.files;
    for (const core::SettingsFile* file :
         {&files.user, files.workspace ? &*files.workspace : nullptr})
      if (file && file->document)
        authority_file(file->document->string_at(core::Path{"env", name}));
  }

  void authority_file(const std::string& value) {
    if (value.empty() || facts_.authority_files.contains(value)) return;
    std::string& trouble = facts_.authority_files[value];
    // A relative path is one from where the program stands, which is not known here.
    if (!value.starts_with("/")) {
      if (value.starts_with("~")) trouble = "with a ~ that only a shell replaces";
      return;
    }
    const auto content = read_file(value, limits::message_bytes_max);
    if (!content)
      trouble = content.error() == ENOENT || content.error() == ENOTDIR ? "which is not there"
                : content.error() == EACCES                             ? "which cannot be read"
                : content.error() == EFBIG                              ? ""
                                                                        : "which is no file";
    else if (content->text.find("-----BEGIN CERTIFICATE-----") == std::string::npos &&
             content->text.find("-----BEGIN TRUSTED CERTIFICATE-----") == std::string::npos)
      trouble = content->text.empty() ? "which is empty"
                                      : "which holds no certificate in the form of PEM";
  }

  // ---- What another program lost, and what of it is still missing

  static std::string before_a_week() {
    const std::time_t then = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() -
                                                                  foreign_write_age_max);
    std::tm utc{};
    gmtime_r(&then, &utc);
    char text[32] = {};
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    return text;
  }

  void lossy_writes(const core::SettingsFile& file) {
    const auto snapshots = store_.history().snapshots();
    if (!snapshots || !file.document) return;
    const std::string oldest = before_a_week();
    std::size_t seen = 0;
    std::set<core::Path> told;
    for (auto one = snapshots->rbegin(); one != snapshots->rend(); ++one) {
      if (one->path != file.path || one->by != "foreign" || !one->before || !one->after) continue;
      if (one->at < oldest || ++seen > foreign_writes_max) return;
      lossy_write(file, *one, told);
    }
  }

  void lossy_write(const core::SettingsFile& file, const Snapshot& snapshot,
                   std::set<core::Path>& told) {
    const auto before_text = store_.history().content(*snapshot.before);
    const auto after_text = store_.history().content(*snapshot.after);
    if (!before_text || !after_text) return;
    const auto before = core::Jsonc::parse(*before_text), after = core::Jsonc::parse(*after_text);
    if (!before || !after) return;
    auto notice = core::lasting_loss(*before, *after, *file.document, file.path, snapshot.at);
    if (!notice) return;
    // What a later write has lost again, is told of that one.
    const bool is_told =
        !notice->keys.empty() && std::ranges::all_of(notice->keys, [&](const core::Path& key) {
          return !told.insert(key).second;
        });
    if (!is_told) facts_.lossy_writes.push_back({file.path, snapshot.id, snapshot.at, *notice});
  }

  // ---- Shells

  void start_files() {
    if (environment_.home.empty()) return;
    for (const char* name : {".bashrc", ".bash_profile", ".bash_aliases", ".profile", ".zshrc",
                             ".zshenv", ".zprofile", ".config/fish/config.fish"}) {
      const std::string path = environment_.home + "/" + name;
      const auto content = read_file(path, start_file_bytes_max);
      if (!content) continue;
      std::size_t number = 0;
      for (const std::string_view line : core::split(content->text, '\n')) {
        ++number;
        if (std::string variable = exported_in(line); !variable.empty())
          facts_.exports.push_back(
              {"~/" + std::string(name) + ":" + std::to_string(number), std::move(variable)});
      }
    }
  }

  static std::string exported_in(std::string_view line) {
    line = core::js_trim(line);
    for (const std::string_view begin : {"export ", "set -gx ", "set -x ", "set -Ux "}) {
      if (!line.starts_with(begin)) continue;
      const std::string_view rest = core::js_trim(line.substr(begin.size()));
      return std::string(rest.substr(0, rest.find_first_of("= \t")));
    }
    return "";
  }

  void add_trace(std::string where, const std::string& text, const core::Credential& found) {
    if (facts_.traces.size() < traces_max)
      facts_.traces.push_back(
          {std::move(where), mask(text.substr(found.begin, found.end - found.begin))});
  }

  void shell_histories() {
    for (const char* name : {".bash_history", ".zsh_history", ".local/share/fish/fish_history"}) {
      const auto content = read_file(environment_.home + "/" + name, 16 * start_file_bytes_max);
      if (!content) continue;
      std::size_t number = 0;
      for (const std::string_view line : core::split(content->text, '\n')) {
        ++number;
        const std::string text(line.substr(0, 4096));
        const bool concerns_us = text.find("qwen") != std::string::npos ||
                                 text.find("API_KEY") != std::string::npos ||
                                 text.find("api-key") != std::string::npos;
        if (!concerns_us) continue;
        if (const auto found = core::credentials_in(text); !found.empty())
          add_trace("~/" + std::string(name) + ":" + std::to_string(number), text, found.front());
      }
    }
  }

  // ---- Processes

  // The time of the newest write that can have changed a key, as seconds since 1970; 0 for none.
  std::int64_t last_change() {
    const auto snapshots = store_.history().snapshots();
    if (!snapshots) return 0;
    for (auto one = snapshots->rbegin(); one != snapshots->rend(); ++one) {
      if (one->path != surroundings_.files.user.path) continue;
      const bool concerns_keys = std::ranges::any_of(one->keys, [](const core::Path& key) {
        return key.empty() || key.front() == "env" || key.front() == "security";
      });
      if (!concerns_keys) continue;
      std::tm utc{};
      if (!strptime(one->at.c_str(), "%Y-%m-%dT%H:%M:%S", &utc)) return 0;
      return timegm(&utc);
    }
    return 0;
  }

  static std::int64_t boot_time() {
    const auto content = read_file("/proc/stat", start_file_bytes_max);
    if (!content) return 0;
    const std::size_t at = content->text.find("\nbtime ");
    return at == std::string::npos ? 0 : std::atoll(content->text.c_str() + at + 7);
  }

  struct Process {
    std::int64_t parent = 0, started = 0;
  };
  static Process process_of(const std::string& id, std::int64_t boot) {
    Process process;
    const auto content = read_file("/proc/" + id + "/stat", start_file_bytes_max);
    if (!content) return process;
    // The name, in parentheses, may hold anything; fields are counted behind it.
    const std::size_t end = content->text.rfind(')');
    if (end == std::string::npos) return process;
    const auto fields = core::split(std::string_view(content->text).substr(end + 1), ' ');
    const auto number = [&](std::size_t index) {
      std::int64_t value = 0;
      if (index < fields.size())
        std::from_chars(fields[index].data(), fields[index].data() + fields[index].size(), value);
      return value;
    };
    constexpr std::size_t parent_field = 2, start_field = 20;
    process.parent = number(parent_field);
    process.started = boot + number(start_field) / sysconf(_SC_CLK_TCK);
    return process;
  }

  static bool is_qwen(const std::vector<std::string_view>& arguments) {
    for (std::size_t i = 0; i < std::min<std::size_t>(arguments.size(), 3); ++i) {
      const std::string_view argument = arguments[i];
      const std::string_view name = argument.substr(argument.rfind('/') + 1);
      if (name == "qwen" || argument.find("/@qwen-code/qwen-code/") != std::string_view::npos)
        return true;
    }
    return false;
  }

  // One that does not say is taken for one of this home.
  bool has_this_home(const std::string& id) const {
    const auto content = read_file("/proc/" + id + "/environ", start_file_bytes_max);
    if (!content) return true;
    for (const std::string_view variable : core::split(content->text, '\0'))
      if (variable.starts_with("HOME=")) return variable.substr(5) == environment_.home;
    return true;
  }

  void processes(bool with_traces) {
    const std::int64_t changed = last_change();
    if (changed == 0 && !with_traces) return;
    constexpr std::size_t processes_max = 65536;
    const std::int64_t boot = boot_time();
    std::set<std::int64_t> sessions;
    for (const std::string& id : names_in("/proc", processes_max)) {
      if (id.find_first_not_of("0123456789") != std::string::npos) continue;
      struct stat st {};
      if (stat(("/proc/" + id).c_str(), &st) != 0 || st.st_uid != geteuid()) continue;
      const auto content = read_file("/proc/" + id + "/cmdline", start_file_bytes_max);
      if (!content || content->text.empty()) continue;
      const auto arguments = core::split(content->text, '\0');
      if (with_traces) trace_arguments(id, arguments);
      if (changed == 0 || !is_qwen(arguments) || !has_this_home(id)) continue;
      const Process process = process_of(id, boot);
      sessions.insert(std::atoll(id.c_str()));
      // Qwen Code starts itself a second time: one session.
      if (process.started == 0 || process.started >= changed || sessions.contains(process.parent))
        continue;
      const std::time_t started = process.started;
      std::tm local{};
      localtime_r(&started, &local);
      char text[32] = {};
      std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &local);
      facts_.stale_sessions.push_back("process " + id + ", since " + text);
    }
  }

  void trace_arguments(const std::string& id, const std::vector<std::string_view>& arguments) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const std::string argument(arguments[i]);
      const bool is_next = core::announces_a_secret(argument) && i + 1 < arguments.size() &&
                           !core::is_reference(arguments[i + 1]);
      const std::string text = is_next ? std::string(arguments[i + 1]) : argument;
      auto found = core::credentials_in(text);
      if (is_next && text.size() >= 8) found = {{0, 0, text.size()}};
      const std::string_view program = arguments.front().substr(arguments.front().rfind('/') + 1);
      if (!found.empty())
        return add_trace(
            "the arguments of process " + id + " (" + core::printable(program, 40) + ")", text,
            found.front());
    }
  }

  void socket() {
    if (!environment_.from_caller) return;
    SocketPathFacts facts = this_process_socket_facts();
    facts.variable = [&](const std::string& name) -> std::optional<std::string> {
      const std::string value = environment_.get(name);
      return value.empty() ? std::nullopt : std::optional(value);
    };
    if (const auto path = socket_path(facts); !path) facts_.socket_trouble = path.error().message;
  }

  SettingsStore& store_;
  const core::Surroundings& surroundings_;
  const core::Environment& environment_;
  DoctorFacts facts_;
  static constexpr std::size_t names_max = 4096;
  std::set<std::string> folders_, dotenv_folders_;  // looked through for copies
};

}  // namespace

DoctorFacts doctor_facts(SettingsStore& store, const core::Surroundings& surroundings,
                         const core::Environment& environment, const std::string& key_file,
                         bool with_traces) {
  return FactFinder(store, surroundings, environment).take(key_file, with_traces);
}

std::expected<unsigned, int> change_mode(const std::string& path, unsigned mode) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file) return std::unexpected(errno);
  struct stat st {};
  if (fstat(file.get(), &st) != 0) return std::unexpected(errno);
  if (st.st_uid != geteuid()) return std::unexpected(EPERM);
  if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) return std::unexpected(EINVAL);
  if ((st.st_mode & 07777U) != mode && fchmod(file.get(), mode) != 0) return std::unexpected(errno);
  return st.st_mode & 07777U;
}

}  // namespace authd::io
