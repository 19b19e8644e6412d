// Commands that print a key (`op read …`, `pass show …`): the file that names them, and what is
// made of their output. They are kept at user scope only, because a repository that could name one
// would run programs.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/environment.hpp"
#include "protocol/limits.hpp"
#include "protocol/secret.hpp"

namespace authd::core {

struct KeyCommand {
  std::vector<std::string> command;  // program and arguments; with `shell`, one text
  bool shell = false;
  std::chrono::milliseconds timeout{limits::key_timeout_ms};
  std::chrono::milliseconds lifetime{limits::key_lifetime_ms};  // of its key in memory
  bool operator==(const KeyCommand&) const = default;
};

// By the variable whose value the command prints.
using NamedKeyCommands = std::map<std::string, KeyCommand>;

// ${XDG_CONFIG_HOME:-~/.config}/qwen-authd/keys.json
std::string key_commands_path(const Environment& environment);

// invalid_input with the field at fault. A key itself in a command is refused: every process of
// the machine can read arguments.
Result<void> acceptable_key_command(const std::string& name, const KeyCommand& command);

// The text of keys.json: {"keys": {NAME: {command, shell?, timeoutMs?, lifetimeMs?}}}, comments and
// trailing commas allowed. settings_unreadable with path, line and column. `path` is for errors.
Result<NamedKeyCommands> parse_key_commands(const std::string& text, const std::string& path);

// The text with one command set or removed; everything that this does not know stays. Nothing is a
// file that is not there. Errors as of parse_key_commands; invalid_input past key_commands_max.
Result<std::string> with_key_command(const std::string& text, const std::string& path,
                                     const std::string& name, const KeyCommand& command);
Result<std::string> without_key_command(const std::string& text, const std::string& path,
                                        const std::string& name);

// What is run: the command itself, or /bin/sh -c with its text.
std::vector<std::string> arguments_of(const KeyCommand& command);

// The environment of a command: the caller's as a whole where it has a PATH, else the caller's
// variables over the daemon's own, because then they were a choice. What no program can be given
// (a name with "=", a value with NUL) is left out.
Variables command_environment(const Environment& environment, const Environment& daemon);

// Stands for what a command's answer depends on, without showing it: the command, the directory
// that it runs in, and of its environment the variables that it mentions ($NAME), those of
// well-known password managers and clouds, and where its configuration is. SHA-256, 64 hex digits.
std::string answer_digest(const KeyCommand& command, const std::string& directory,
                          const Variables& environment);

// Where a program may be: itself where it is a path, else below each absolute directory of PATH.
std::vector<std::string> program_candidates(const std::string& program,
                                            const Variables& environment);

// The one line that a command printed, as a key. key_unavailable, which never holds what it was.
Result<Secret> key_in_output(std::string_view output);

// What a command complained of on standard error, fit to be shown: without what is in its output,
// and without what looks like a credential or has a key's length. Nothing where the output has too
// many or too long lines to look for each.
std::string shown_complaint(std::string_view complaint, std::string_view output);

}  // namespace authd::core
