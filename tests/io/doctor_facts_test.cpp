// What the doctor looks up in files, directories, git and the history, in a made-up home.
#include "daemon/io/doctor_facts.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>

#include "daemon/io/surroundings.hpp"
#include "tests/io/git.hpp"
#include "tests/unit/support.hpp"

namespace authd::io {
namespace {

namespace fs = std::filesystem;
using test::ScratchDirectory;
using test::write_text;

const std::string patient_key = "sk-1234567890abcdef1234567890abcdef";
const std::string settings_with_key = R"({"env": {"OPENAI_API_KEY": ")" + patient_key + "\"}}";

struct Patient {
  ScratchDirectory scratch;
  std::string home = scratch / "home", repo = scratch / "home/repo", qwen = scratch / "home/.qwen";
  std::string settings = qwen + "/settings.json";
  core::Environment environment;
  SettingsStore store{scratch / "state"};

  Patient() {
    fs::create_directories(repo);
    fs::create_directories(qwen);
    environment.home = home;
    environment.cwd = repo;
    environment.from_caller = true;
    environment.variables = {{"QWEN_CODE_SYSTEM_SETTINGS_PATH", scratch / "etc/settings.json"}};
  }
  DoctorFacts facts(bool with_traces = false) {
    return doctor_facts(store, load_surroundings(store, environment), environment, scratch / "keys.json", with_traces);
  }
};

void put_file(const std::string& path, const std::string& text, mode_t mode) {
  write_text(path, text);
  REQUIRE(chmod(path.c_str(), mode) == 0);
}

std::vector<std::string> exports_in(const DoctorFacts& facts) {
  std::vector<std::string> lines;
  for (const core::ExportLine& line : facts.exports) lines.push_back(line.where + " " + line.name);
  return lines;
}

}  // namespace

TEST_CASE("modes of the files that may hold keys, and of their folder") {
  Patient patient;
  put_file(patient.settings, settings_with_key, 0640);
  put_file(patient.home + "/.env", "K=1\n", 0604);
  const DoctorFacts facts = patient.facts();
  CHECK(facts.paths.at(patient.settings).mode == 0640);
  CHECK(facts.paths.at(patient.settings).is_ours);
  CHECK(facts.paths.at(patient.settings).is_writable);
  CHECK(facts.paths.at(patient.settings).link.empty());
  CHECK(facts.paths.at(patient.home + "/.env").mode == 0604);
  CHECK(facts.dotenv_texts.at(patient.home + "/.env") == "K=1\n");
  CHECK(facts.paths.contains(patient.qwen));
  CHECK(facts.key_file_trouble.empty());
  CHECK(facts.socket_trouble.empty());
}

TEST_CASE("a symlink that leads nowhere is told, and one that leads somewhere is not") {
  Patient patient;
  fs::create_symlink("/nix/store/0000-home-manager-files/settings.json", patient.settings);
  DoctorFacts facts = patient.facts();
  CHECK(facts.paths.at(patient.settings).link == "/nix/store/0000-home-manager-files/settings.json");
  CHECK_FALSE(facts.paths.at(patient.settings).is_writable);
  fs::remove(patient.settings);
  write_text(patient.home + "/dotfiles/settings.json", settings_with_key);
  fs::create_symlink("../dotfiles/settings.json", patient.settings);
  facts = patient.facts();
  CHECK(facts.paths.at(patient.settings).link.empty());
  CHECK(facts.paths.at(patient.settings).is_writable);
}

TEST_CASE("git is asked about files with a key only") {
  Patient patient;
  if (!test::git_succeeds(patient.repo, "init")) return;
  const std::string workspace = patient.repo + "/.qwen/settings.json";
  put_file(workspace, R"({"ui": {"theme": "x"}})", 0600);
  REQUIRE(test::git_succeeds(patient.repo, "add -A"));
  CHECK(patient.facts().paths.at(workspace).git == core::GitState::outside);
  put_file(workspace, settings_with_key, 0600);
  CHECK(patient.facts().paths.at(workspace).git == core::GitState::tracked);
  REQUIRE(test::git_succeeds(patient.repo, "rm --cached -q -f .qwen/settings.json"));
  CHECK(patient.facts().paths.at(workspace).git == core::GitState::untracked);
  write_text(patient.repo + "/.gitignore", ".qwen/\n");
  CHECK(patient.facts().paths.at(workspace).git == core::GitState::ignored);
}

TEST_CASE("copies beside the settings are told where a key is in them") {
  Patient patient;
  put_file(patient.settings, settings_with_key, 0600);
  put_file(patient.settings + ".orig", settings_with_key, 0644);
  put_file(patient.settings + ".bak", settings_with_key, 0600);
  put_file(patient.settings + ".corrupted", "{broken", 0644);
  put_file(patient.settings + ".old", R"({"env": {"OPENAI_API_KEY": "$REAL"}})", 0644);
  put_file(patient.qwen + "/other.json", settings_with_key, 0644);
  CHECK(patient.facts().backups == std::vector<std::string>{patient.settings + ".bak", patient.settings + ".orig"});
}

TEST_CASE("exports in the files that shells start with") {
  Patient patient;
  write_text(patient.home + "/.bashrc", "# mine\nexport OPENAI_API_KEY=x\n  export A B\nOTHER=1\n");
  write_text(patient.home + "/.config/fish/config.fish", "set -gx DASHSCOPE_API_KEY y\nset -l Z 1\n");
  CHECK(exports_in(patient.facts()) == std::vector<std::string>{"~/.bashrc:2 OPENAI_API_KEY", "~/.bashrc:3 A",
                                                              "~/.config/fish/config.fish:1 DASHSCOPE_API_KEY"});
}

TEST_CASE("histories of shells are looked through only where traces are asked for") {
  Patient patient;
  write_text(patient.home + "/.bash_history", "ls\nqwen --openai-api-key " + patient_key + "\ncurl -H 'x' https://example.org\n");
  CHECK(patient.facts().traces.empty());
  std::vector<core::ArgumentTrace> traces = patient.facts(true).traces;
  std::erase_if(traces, [](const core::ArgumentTrace& trace) { return !trace.where.starts_with("~/"); });
  REQUIRE(traces.size() == 1);
  CHECK(traces[0].where == "~/.bash_history:2");
  CHECK(traces[0].masked.find(patient_key) == std::string::npos);
}

TEST_CASE("sessions that are older than the key are told, and those of another home are not") {
  Patient patient;
  fs::create_symlink("/bin/sleep", patient.scratch / "qwen");
  std::vector<pid_t> sessions;
  for (const std::string& home : {patient.home, std::string("/elsewhere")}) {
    std::string program = patient.scratch / "qwen", time = "60", variable = "HOME=" + home;
    char* arguments[] = {program.data(), time.data(), nullptr};
    char* variables[] = {variable.data(), nullptr};
    REQUIRE(posix_spawn(&sessions.emplace_back(), program.c_str(), nullptr, nullptr, arguments, variables) == 0);
  }
  // Processes and writes are told apart by seconds.
  std::this_thread::sleep_for(std::chrono::milliseconds(2100));
  patient.store.begin(patient.environment);
  put_file(patient.settings, settings_with_key, 0600);
  patient.store.begin(patient.environment);
  const DoctorFacts facts = patient.facts();
  for (const pid_t session : sessions) {
    kill(session, SIGKILL);
    waitpid(session, nullptr, 0);
  }
  REQUIRE(facts.stale_sessions.size() == 1);
  CHECK(facts.stale_sessions[0].starts_with("process " + std::to_string(sessions[0]) + ", since "));
}

TEST_CASE("what another program lost is told until it is back") {
  Patient patient;
  const std::string before = "{\n  // Ann's\n  \"env\": {\"K\": \"$REAL\"},\n  \"hooks\": {\"a\": 1}\n}\n";
  put_file(patient.settings, before, 0600);
  patient.store.begin(patient.environment);
  CHECK(patient.facts().lossy_writes.empty());
  write_text(patient.settings, R"({"env": {"K": "$REAL"}})");
  const DoctorFacts facts = patient.facts();
  REQUIRE(facts.lossy_writes.size() == 1);
  CHECK(facts.lossy_writes[0].path == patient.settings);
  CHECK(facts.lossy_writes[0].notice.code == "F802");
  CHECK(facts.lossy_writes[0].notice.keys == std::vector<core::Path>{{"hooks"}});
  CHECK(facts.lossy_writes[0].notice.message.ends_with(" and dropped 1 member: hooks, and dropped 1 comment; that is still so."));
  write_text(patient.settings, before);
  CHECK(patient.facts().lossy_writes.empty());
}

TEST_CASE("a socket path that is too long is told of the caller's environment") {
  Patient patient;
  patient.environment.variables["QWEN_AUTHD_SOCKET"] = "/tmp/" + std::string(120, 'a') + "/s.sock";
  CHECK_FALSE(patient.facts().socket_trouble.empty());
  patient.environment.variables["QWEN_AUTHD_SOCKET"] = "/tmp/s.sock";
  CHECK(patient.facts().socket_trouble.empty());
}

TEST_CASE("a mode is changed, and the former one is told") {
  Patient patient;
  put_file(patient.settings, settings_with_key, 0644);
  CHECK(change_mode(patient.settings, 0600) == 0644);
  CHECK(change_mode(patient.settings, 0600) == 0600);
  struct stat st {};
  REQUIRE(stat(patient.settings.c_str(), &st) == 0);
  CHECK((st.st_mode & 07777U) == 0600);
  CHECK(change_mode(patient.home + "/nothing", 0600) == std::unexpected(ENOENT));
}

}  // namespace authd::io
