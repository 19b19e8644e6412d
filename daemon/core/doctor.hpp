// The doctor's rules: what is wrong at a place, found out from files and the environment alone.
// Pure; io/doctor_facts looks up what is not in Surroundings.
//
// A rule tells what matters. A defect of a model that is not selected is a warning at most, unless
// Qwen Code does not start because of it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "daemon/core/finding.hpp"
#include "daemon/core/foreign_write.hpp"
#include "daemon/core/key_commands.hpp"
#include "daemon/core/resolution.hpp"

namespace authd::core {

enum class GitState {
  outside,  // of any work tree, or it cannot be told
  tracked,
  untracked,  // `git add .` would take it
  ignored,
};

// What the directory and git say of a file or a directory.
struct PathFacts {
  unsigned mode = 0600;
  bool is_ours = true;
  bool is_writable = true;  // a write to it could succeed
  GitState git = GitState::outside;
  std::string link = {};                         // what a symlink says that leads nowhere
  std::string exclude_file = {}, git_rule = {};  // where a rule for it belongs, and that rule
};

// A write of another program that lost something (core/foreign_write), as the history has it.
struct LossyWrite {
  std::string path, snapshot, at;
  Notice notice;
};
// `export NAME=…` in a file that a shell reads at its start.
struct ExportLine {
  std::string where, name;  // "~/.bashrc:12"
};
// A secret in the arguments of a process or in the history of a shell.
struct ArgumentTrace {
  std::string where, masked;
};

struct DoctorInput {
  const Surroundings& surroundings;
  const Environment& environment;
  const CliRules& rules;
  const Environment& daemon;                    // its own environment
  const Surroundings* others = nullptr;         // the same place, as the version below finds it
  CliRules other_rules = {};                    // of the version with the most other rules
  Variables overlay = {};                       // keys that the daemon would add
  NamedKeyCommands commands = {};               // keys.json
  std::string key_file_trouble = {};            // why that cannot be used
  std::map<std::string, PathFacts> paths = {};  // settings files, .env files, their folders
  std::map<std::string, std::string> dotenv_texts = {};  // by path
  std::vector<std::string> backups = {};  // copies of settings files that hold a key; in `paths`
  std::vector<LossyWrite> lossy_writes = {};
  std::vector<ExportLine> exports = {};
  std::vector<ArgumentTrace> traces = {};
  std::vector<std::string> stale_sessions = {};  // "process 1234, since 2026-01-02 10:22"
  // What NODE_EXTRA_CA_CERTS says anywhere, and what is wrong with that file; empty for nothing.
  std::map<std::string, std::string> authority_files = {};
  bool has_oauth_tokens = false;
  std::string socket_trouble = {};  // of the socket that the caller's environment names
};

// What the rules find, arranged, each fix with its preview.
std::vector<Finding> diagnose(const DoctorInput& input);

// The codes that diagnose() looks for. Of S902 it sees the arguments of the caller, and what else
// it is given as traces.
std::span<const std::string_view> static_codes();

// The strings of a settings file that are keys: what stands where keys stand and neither refers to
// one nor is a mere placeholder for a server that needs none.
std::vector<Jsonc::Node> literal_keys(const Jsonc& document);
// Whether an entry of a .env file is one.
bool is_literal_key(const DotenvEntry& entry);

}  // namespace authd::core
