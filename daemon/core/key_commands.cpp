#include "daemon/core/key_commands.hpp"

#include <algorithm>
#include <set>

#include "daemon/core/endpoint.hpp"
#include "daemon/core/interpolation.hpp"
#include "daemon/core/jsonc.hpp"
#include "daemon/core/path.hpp"
#include "daemon/core/redact.hpp"
#include "daemon/core/settings_rules.hpp"
#include "daemon/core/sha256.hpp"
#include "daemon/core/text.hpp"

namespace authd::core {
namespace {

constexpr const char* new_file = "{\n  \"keys\": {}\n}\n";
constexpr std::string_view default_path = "/usr/local/bin:/usr/bin:/bin";
constexpr std::size_t complaint_shown_max = 300;

std::unexpected<Error> refused(std::string message, const char* field, std::string hint = {}) {
  return fail(ErrorKind::invalid_input, std::move(message), field, std::move(hint));
}

std::unexpected<Error> unreadable(const std::string& path, Position at, const std::string& what) {
  return std::unexpected(Error{ErrorKind::settings_unreadable,
                               path + " " + what + " (line " + std::to_string(at.line) +
                                   ", column " + std::to_string(at.column) + ").",
                               {},
                               "Mend the file, then try again. Nothing was run or changed.",
                               {{"path", path}, {"line", at.line}, {"column", at.column}}});
}

// A credential of a well-known kind, and not the name of one ("op://work/sk-openai/key").
bool holds_key(std::string_view argument) {
  constexpr std::size_t body_bytes_min = 16;
  const auto found = credentials_in(argument);
  return std::ranges::any_of(found, [&](const Credential& credential) {
    const std::string_view body =
        argument.substr(credential.body, credential.end - credential.body);
    return credential.body > credential.begin && body.size() >= body_bytes_min &&
           body.find('/') == std::string_view::npos &&
           body.find_first_of("0123456789") != std::string_view::npos;
  });
}

Result<void> acceptable_program(const KeyCommand& command) {
  const std::string& program = command.command.front();
  if (program.empty()) return refused("The command's program is empty.", "command");
  const bool is_relative = program.find('/') != std::string::npos && !program.starts_with("/");
  if (is_relative && !command.shell)
    return refused("The command's program is a relative path, and nothing says relative to what.",
                   "command", "Give an absolute path, or a name that is found in PATH.");
  return {};
}

Result<void> acceptable_times(const KeyCommand& command) {
  if (command.timeout.count() < 1 ||
      command.timeout > std::chrono::milliseconds(limits::key_timeout_max_ms))
    return refused("A time-out is from 1 to 120000 ms.", "timeoutMs");
  if (command.lifetime.count() < 0 ||
      command.lifetime > std::chrono::milliseconds(limits::key_lifetime_max_ms))
    return refused("A key is kept for at most 86400000 ms, one day.", "lifetimeMs");
  return {};
}

// keys.json as a document, whose "keys" are an object or absent.
class KeyFile {
 public:
  static Result<KeyFile> parse(const std::string& text, const std::string& path) {
    auto document = Jsonc::parse(text);
    if (!document)
      return unreadable(path, document.error().at, "does not parse: " + document.error().message);
    KeyFile file(path, *std::move(document));
    const Jsonc& root = file.document_;
    if (root.kind(root.root()) != Jsonc::Kind::object)
      return file.wrong(root.root(), "the top level", "an object");
    file.keys_ = root.member(root.root(), "keys");
    if (file.keys_ != Jsonc::none && root.kind(file.keys_) != Jsonc::Kind::object)
      return file.wrong(file.keys_, "keys", "an object");
    return file;
  }

  const Jsonc& document() const { return document_; }
  Jsonc::Node member(const std::string& name) const { return document_.member(keys_, name); }

  Result<NamedKeyCommands> commands() const {
    NamedKeyCommands commands;
    if (keys_ == Jsonc::none) return commands;
    for (const Jsonc::Node node : document_.children(keys_)) {
      const std::string name = document_.key(node);
      auto command = command_at(member(name), name);
      if (!command) return std::unexpected(command.error());
      commands.insert_or_assign(name, *std::move(command));
    }
    if (commands.size() > limits::key_commands_max)
      return unreadable(path_, document_.position(keys_), "names more than 256 commands");
    return commands;
  }

 private:
  KeyFile(std::string path, Jsonc document)
      : path_(std::move(path)), document_(std::move(document)) {}

  std::unexpected<Error> wrong(Jsonc::Node node, const std::string& what,
                               const std::string& expected) const {
    return unreadable(path_, document_.position(node),
                      "has a wrong " + what + ": expected " + expected);
  }

  Result<KeyCommand> command_at(Jsonc::Node node, const std::string& name) const {
    const std::string place = path_text({"keys", name});
    if (document_.kind(node) != Jsonc::Kind::object) return wrong(node, place, "an object");
    KeyCommand command;
    const Json value = document_.value(node);
    const auto part = [&](const char* member) { return document_.member(node, member); };
    const Json words = value.value("command", Json());
    const auto is_text = [](const Json& word) { return word.is_string(); };
    const Jsonc::Node at = part("command");
    if (!words.is_array() || words.empty() || !std::ranges::all_of(words, is_text))
      return wrong(at == Jsonc::none ? node : at, place + ".command",
                   "a list of strings: the program and its arguments");
    for (const Json& word : words) command.command.push_back(word.get<std::string>());
    const Json shell = value.value("shell", Json(false));
    if (!shell.is_boolean()) return wrong(part("shell"), place + ".shell", "true or false");
    command.shell = shell.get<bool>();
    for (const auto& [member, time] :
         {std::pair{"timeoutMs", &command.timeout}, std::pair{"lifetimeMs", &command.lifetime}}) {
      if (!value.contains(member)) continue;
      if (!value[member].is_number_unsigned() || value[member] > limits::key_lifetime_max_ms)
        return wrong(part(member), place + "." + member, "milliseconds");
      *time = std::chrono::milliseconds(value[member].get<std::size_t>());
    }
    if (auto ok = acceptable_key_command(name, command); !ok)
      return unreadable(path_, document_.position(node),
                        "has a command that cannot be used, " + place + ": " + ok.error().message);
    return command;
  }

  std::string path_;
  Jsonc document_;
  Jsonc::Node keys_ = Jsonc::none;
};

Result<KeyFile> editable(const std::string& text, const std::string& path) {
  auto file = KeyFile::parse(text.empty() ? new_file : text, path);
  if (!file || file->document().trailing_commas().empty()) return file;
  return KeyFile::parse(file->document().without_trailing_commas().text(), path);
}

Result<std::string> edited(const Jsonc::Edit& edit, const std::string& path) {
  auto text = edit.text();
  if (!text) return unreadable(path, text.error().at, "would not hold it: " + text.error().message);
  return *std::move(text);
}

// On one line, as it is typed.
std::string source_of(const std::vector<std::string>& words) {
  std::vector<std::string> sources;
  for (const std::string& word : words) sources.push_back(dump(Json(word)));
  return "[" + join(sources, ", ") + "]";
}

// What password managers, clouds' own programs and gpg take from their environment.
constexpr std::string_view manager_prefixes[] = {"OP_",     "VAULT_",    "AWS_", "AZURE_",
                                                 "GOOGLE_", "CLOUDSDK_", "BW_",  "PASSWORD_STORE_"};
constexpr std::string_view manager_names[] = {"HOME", "GNUPGHOME", "KUBECONFIG"};

bool decides_about_answer(const std::string& name, const std::set<std::string>& mentioned) {
  return mentioned.contains(name) ||
         std::ranges::find(manager_names, name) != std::end(manager_names) ||
         std::ranges::any_of(manager_prefixes,
                             [&](std::string_view prefix) { return name.starts_with(prefix); });
}

bool is_key_character(char c) { return is_word_character(c) || c == '-' || c == '+' || c == '='; }

// Words that could be keys of no known kind: long, with a digit among them, or very long.
std::string without_long_words(std::string_view text) {
  constexpr std::size_t with_digit_min = 16, without_min = 32;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_key_character(text[end])) ++end;
    const std::string_view word = text.substr(at, end - at);
    const bool has_digit = word.find_first_of("0123456789") != std::string_view::npos;
    if (word.size() >= without_min || (word.size() >= with_digit_min && has_digit))
      out += "••••";
    else
      out += word;
    if (end < text.size()) out += text[end];
    at = end + 1;
  }
  return out;
}

}  // namespace

std::string key_commands_path(const Environment& environment) {
  const std::string config = environment.get("XDG_CONFIG_HOME");
  return (config.starts_with("/") ? config : environment.home + "/.config") +
         "/qwen-authd/keys.json";
}

Result<void> acceptable_key_command(const std::string& name, const KeyCommand& command) {
  if (!usable_variable_name(name))
    return refused("A key cannot be in a variable of this name.", "name",
                   "A name has letters, digits and _, such as OPENROUTER_API_KEY.");
  if (command.command.empty()) return refused("The command is empty.", "command");
  if (command.shell && command.command.size() != 1)
    return refused("With a shell the command is one text.", "command");
  if (auto ok = acceptable_program(command); !ok) return ok;
  std::size_t bytes = 0;
  for (const std::string& argument : command.command) {
    bytes += argument.size() + 1;
    if (argument.find('\0') != std::string::npos)
      return refused("An argument of the command has a NUL in it.", "command");
    if (holds_key(argument))
      return refused(
          "A key in the command itself is refused: every process of this machine can "
          "read the arguments of a program.",
          "command", "Name a command that gets the key from where it is kept.");
  }
  if (bytes > limits::text_input_bytes_max)
    return refused("The command is longer than 16 KiB.", "command");
  return acceptable_times(command);
}

Result<NamedKeyCommands> parse_key_commands(const std::string& text, const std::string& path) {
  const auto file = KeyFile::parse(text, path);
  if (!file) return std::unexpected(file.error());
  return file->commands();
}

Result<std::string> with_key_command(const std::string& text, const std::string& path,
                                     const std::string& name, const KeyCommand& command) {
  const auto file = editable(text, path);
  if (!file) return std::unexpected(file.error());
  const auto commands = file->commands();
  if (!commands) return std::unexpected(commands.error());
  if (!commands->contains(name) && commands->size() >= limits::key_commands_max)
    return refused("There are 256 commands already, the most there can be.", "name");
  Jsonc::Edit edit(file->document());
  const KeyCommand defaults;
  const auto set = [&](const char* member, Jsonc::NewValue value, bool is_default) {
    const Jsonc::Node entry = file->member(name);
    const Jsonc::Node old = file->document().member(entry, member);
    // A wrong shape on the way was refused when the file was read.
    if (!is_default)
      static_cast<void>(edit.set(std::vector<std::string>{"keys", name, member}, std::move(value)));
    else if (old != Jsonc::none)
      edit.remove(old);
  };
  const auto entry = commands->find(name);
  if (entry == commands->end() || entry->second.command != command.command)
    set("command", {.source = source_of(command.command)}, false);
  set("shell", {command.shell}, command.shell == defaults.shell);
  set("timeoutMs", {command.timeout.count()}, command.timeout == defaults.timeout);
  set("lifetimeMs", {command.lifetime.count()}, command.lifetime == defaults.lifetime);
  return edited(edit, path);
}

Result<std::string> without_key_command(const std::string& text, const std::string& path,
                                        const std::string& name) {
  const auto file = editable(text, path);
  if (!file) return std::unexpected(file.error());
  Jsonc::Edit edit(file->document());
  // All of them, where it stands there twice: the former one would count then.
  const Jsonc::Node last = file->member(name);
  if (last == Jsonc::none) return text;
  for (const Jsonc::Node node : file->document().children(file->document().parent(last)))
    if (file->document().key(node) == name) edit.remove(node);
  return edited(edit, path);
}

std::vector<std::string> arguments_of(const KeyCommand& command) {
  if (!command.shell) return command.command;
  return {"/bin/sh", "-c", command.command.front()};
}

Variables command_environment(const Environment& environment, const Environment& daemon) {
  Variables variables = environment.variables;
  if (environment.from_caller && environment.get("PATH").empty())
    for (const auto& [name, value] : daemon.variables) variables.emplace(name, value);
  std::erase_if(variables, [](const auto& variable) {
    const auto& [name, value] = variable;
    return name.empty() || name.find_first_of(std::string_view("=\0", 2)) != std::string::npos ||
           value.find('\0') != std::string::npos;
  });
  return variables;
}

std::string answer_digest(const KeyCommand& command, const std::string& directory,
                          const Variables& environment) {
  const Json words = command.command;
  std::set<std::string> mentioned;
  collect_references(words, mentioned);
  std::string parts;
  // With its length, so that no two lists of parts are one text.
  const auto add = [&](std::string_view part) {
    parts += std::to_string(part.size()) + ":";
    parts += part;
  };
  for (const std::string& word : command.command) add(word);
  add(command.shell ? "shell" : "program");
  add(std::to_string(command.timeout.count()));
  add(std::to_string(command.lifetime.count()));
  add(directory);
  for (const auto& [name, value] : environment) {
    if (!decides_about_answer(name, mentioned)) continue;
    add(name);
    add(value);
  }
  std::string digest = sha256_hex(parts);
  wipe(parts);
  return digest;
}

std::vector<std::string> program_candidates(const std::string& program,
                                            const Variables& environment) {
  if (program.find('/') != std::string::npos) return {program};
  const auto path = environment.find("PATH");
  std::vector<std::string> candidates;
  for (const std::string_view directory :
       split(path == environment.end() || path->second.empty() ? default_path
                                                               : std::string_view(path->second),
             ':'))
    // "." and its like would be the home directory here, which nobody means.
    if (directory.starts_with("/")) candidates.push_back(std::string(directory) + "/" + program);
  return candidates;
}

Result<Secret> key_in_output(std::string_view output) {
  const auto unusable = [](std::string message) {
    return fail(ErrorKind::key_unavailable, std::move(message));
  };
  std::string_view key;
  std::size_t lines = 0;
  for (const std::string_view part : split(output, '\n')) {
    const std::string_view line = js_trim(part);
    if (line.empty()) continue;
    ++lines;
    key = line;
  }
  if (lines == 0) return unusable("it printed nothing");
  if (lines > 1)
    return unusable("it printed " + std::to_string(lines) + " lines, and a key is one line");
  auto accepted = accept_api_key(key);
  if (!accepted) return unusable("it printed a line with characters that no key has");
  Secret secret{std::string_view(*accepted)};
  wipe(*accepted);
  return secret;
}

std::string shown_complaint(std::string_view complaint, std::string_view output) {
  constexpr std::size_t looked_at_max = 2048, lines_max = 16, line_bytes_max = 1024;
  std::string text(complaint.substr(0, looked_at_max));
  const auto lines = split(output, '\n');
  if (lines.size() > lines_max) return {};
  for (const std::string_view line : lines) {
    if (line.size() > line_bytes_max) return {};
    text = without_secret(text, js_trim(line));
  }
  return printable(without_long_words(without_credentials(text)), complaint_shown_max);
}

}  // namespace authd::core
