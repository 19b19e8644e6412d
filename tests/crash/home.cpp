#include "home.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>

namespace authd::crash {
namespace {

namespace fs = std::filesystem;

constexpr const char* link_text = "../../dotfiles/qwen.json";
constexpr const char* old_settings = R"({
  // Mine.
  "ui": {"theme": "dark"},
  "env": {"OTHER": "kept"},  /* and this, too */
  "model": {"name": "before"}
}
)";

// With what links say, and modes.
void copy(const std::string& from, const std::string& to) {
  fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  for (const auto& entry : fs::recursive_directory_iterator(from))
    if (!entry.is_symlink())
      fs::permissions(to + entry.path().string().substr(from.size()), entry.status().permissions());
}

void clear(const std::string& directory) {
  for (const std::string& name : tests::names_in(directory)) fs::remove_all(directory + "/" + name);
}

}  // namespace

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::regular: return "regular file";
    case Kind::symlink: return "symlink";
    case Kind::new_file: return "new file";
  }
  return "";
}

Home::Home(Kind kind, std::string bin_dir) : kind_(kind), bin_dir_(std::move(bin_dir)) {
  lay_out();
  old_text_ = tests::read_file(settings());
  copy(live_.path(), template_.path());
}

void Home::reset() {
  clear(live_.path());
  copy(template_.path(), live_.path());
}

void Home::lay_out() const {
  fs::create_directories(live_.path(kind_ == Kind::new_file ? "home" : "home/.qwen"));
  fs::create_directory(live_.path("state"));
  if (kind_ == Kind::regular) tests::write_file(settings(), old_settings);
  if (kind_ == Kind::symlink) {
    tests::write_file(live_.path("dotfiles/qwen.json"), old_settings);
    fs::create_symlink(link_text, settings());
    // The others begin without a history, this one with a past.
    Daemon daemon(bin_dir_, root(), Daemon::Tracing::off);
    daemon.call("settings.set", {{"scope", "user"}, {"path", "ui.theme"}, {"value", "light"}});
    daemon.signal(SIGTERM);
    require(daemon.wait_for_exit() == 0, "the daemon does not end");
  }
  lay_out_for_getting_ahead();
}

// A project whose settings cannot be saved, because a directory stands where their copy belongs,
// and with what a killed process left in it: two settings files where there is a history already,
// else something that the history does not take.
void Home::lay_out_for_getting_ahead() const {
  tests::write_file(live_.path("project/.qwen/settings.json"), "{}\n");
  const bool has_past = kind_ == Kind::symlink;
  tests::write_file(live_.path("project/.qwen/.qwen-authd-0.new"), has_past ? R"({"a": 1})" : "torn");
  tests::write_file(live_.path("project/.qwen/.qwen-authd-1.new"), has_past ? R"({"a": 2})" : "torn");
  fs::create_directories(place_of_project_copy());
}

void Home::get_ahead(Daemon& daemon) const {
  for (const std::string& directory : {std::string("/proc/self"), live_.path("project"), live_.path("project")}) {
    const auto answer = daemon.ask("settings.set", {{"scope", "workspace"}, {"path", "ui.theme"}, {"value", "light"},
                                                    {"context", {{"cwd", directory}}}});
    require(answer && answer->contains("error"), "a save in " + directory + " that cannot succeed does");
  }
  for (int reading = 0; reading < 12; ++reading)
    daemon.call("settings.get", {{"scope", "workspace"}, {"context", {{"cwd", live_.path("project")}}}});
  fs::remove(place_of_project_copy());
  if (kind_ != Kind::symlink) fs::remove_all(live_.path("state/qwen-authd"));
}

std::string Home::place_of_project_copy() const {
  return history() + "/ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356.json";
}

void Home::require_text(const std::string& text) const {
  require(tests::read_file(settings()) == text, "the settings file is not what it should be: " + tests::read_file(settings()));
  require(fs::is_symlink(settings()) == (kind_ == Kind::symlink), "a link became a file or a file a link");
  if (kind_ == Kind::symlink) require(fs::read_symlink(settings()) == link_text, "the link leads elsewhere");
  require(tests::mode_of(fs::canonical(settings())) == 0600, "the settings file is not private");
}

void Home::require_old_file() const {
  if (had_file()) return require_text(old_text_);
  require(!tests::exists(settings()), "there is a file where there was none");
}

bool Home::history_holds(const std::string& text) const {
  const auto files = tests::files_below(history());
  return std::any_of(files.begin(), files.end(), [&](const std::string& file) { return tests::read_file(file) == text; });
}

void Home::require_no_debris(std::chrono::milliseconds patience) const {
  std::string found;
  const auto is_clean = [&] {
    found.clear();
    for (const std::string& file : tests::files_below(root()))
      if (fs::path(file).filename().string().starts_with(".qwen-authd-")) found = file;
    return found.empty();
  };
  require(tests::eventually(is_clean, patience), "left behind: " + found);
}

}  // namespace authd::crash
