#include "client/settings_arguments.hpp"

namespace authd::client {
namespace {

using Command = Arguments::Command;

constexpr const char* history_example =
    R"(Example, after a key was replaced: no copy of the former one is to stay behind.
  qwen-authctl history --purge OPENAI_API_KEY)";

constexpr const char* diff_example = R"(Example: what the write before the last one changed.
  qwen-authctl history --limit 2
  qwen-authctl diff 20261121T104200.123456789Z-5ac1f003)";

constexpr const char* undo_example =
    R"(Later edits of other members stay. Where one of the same members was edited since, nothing
is written, both sides are shown, and the exit code is 5.
  qwen-authctl undo)";

constexpr const char* restore_example = R"(Example: the former model, and nothing else.
  qwen-authctl restore 20261121T104200.123456789Z-5ac1f003 --key model.name)";

constexpr const char* apply_example =
    R"(FILE says what the settings are to say; what it does not name stays. Comments are fine. A key
is never in it: `apiKey` is env:NAME, file:PATH or stdin.
  {
    "providers": [{
      "protocol": "openai", "baseUrl": "https://openrouter.ai/api/v1",
      "apiKey": "env:OPENROUTER_API_KEY", "models": ["qwen/qwen3-coder"]
    }],
    "selection": {"protocol": "openai", "model": "qwen/qwen3-coder"},
    "settings": {"ui": {"theme": "GitHub"}}
  }

Example, for a script that needs to know whether something changed (exit 10) or not (exit 0):
  qwen-authctl apply -f qwen.json --detailed-exitcode)";

constexpr const char* settings_example =
    R"(PATH is a member such as model.name; VALUE is JSON, or text where it is none, or `-` to read
it from stdin, which is how a key is passed:
  qwen-authctl settings get model.name
  qwen-authctl settings set ui.theme GitHub
  qwen-authctl settings set env.OPENAI_API_KEY - < key.txt
  qwen-authctl settings remove env.OPENAI_API_KEY --purge)";

constexpr const char* repair_about = "Remove trailing commas that make the settings unreadable";

// The words of CLI11 for this are those of a number with 309 digits.
std::string not_a_count(const std::string& text) {
  const bool digits = !text.empty() && text.size() <= 9 &&
                      text.find_first_not_of("0123456789") == std::string::npos;
  const bool positive = text.find_first_not_of('0') != std::string::npos;
  return digits && positive ? "" : "expected a whole number from 1";
}

void add_write_scope(CLI::App& command, std::string& scope) {
  command.add_option("--scope", scope, "Where to save: auto (as Qwen Code does), user, workspace")
      ->check(CLI::IsMember({"auto", "user", "workspace"}));
}

void add_snapshot(CLI::App& command, Arguments& arguments, const char* about) {
  command.add_option("SNAPSHOT", arguments.snapshot.snapshot, about);
}

void add_history(CLI::App& app, Arguments& arguments) {
  HistoryOptions& options = arguments.history;
  CLI::App* history = add_command(app, "history", "List the writes to the settings, newest first",
                                  arguments, Command::history);
  history->footer(history_example);
  history->add_option("--path", options.path, "Of this settings file only");
  history->add_option("--limit", options.limit, "How many to list; --json has them all")
      ->check(CLI::Validator(not_a_count, ""))
      ->capture_default_str();
  history->add_option("--purge", options.purge,
                      "Remove this variable of env from every snapshot instead");

  CLI::App* diff =
      add_command(app, "diff", "Show what a write changed, keys masked", arguments, Command::diff);
  diff->footer(diff_example);
  add_snapshot(*diff, arguments, "From `history`; the newest where none is named");

  CLI::App* undo = add_command(app, "undo", "Take a write back", arguments, Command::undo);
  undo->footer(undo_example);
  add_snapshot(*undo, arguments, "From `history`; else the daemon's last write that still stands");

  CLI::App* restore = add_command(app, "restore", "Put members back as they were before a write",
                                  arguments, Command::restore);
  restore->footer(restore_example);
  restore->add_option("SNAPSHOT", arguments.snapshot.snapshot, "From `history`")->required();
  restore
      ->add_option("--member,--key", arguments.snapshot.members,
                   "Put back this member only, such as model.name; may be repeated")
      ->allow_extra_args(false);
}

void add_apply(CLI::App& app, Arguments& arguments) {
  ApplyOptions& options = arguments.apply;
  CLI::App* apply = add_command(app, "apply", "Make settings.json say what a file says", arguments,
                                Command::apply);
  apply->footer(apply_example);
  apply->add_option("-f,--file", options.file, "The file, or - for standard input")->required();
  add_write_scope(*apply, options.scope);
  apply->add_flag("--dry-run", options.dry_run, "Show what would be saved, and save nothing");
  apply->add_flag("--detailed-exitcode", options.detailed_exit_code,
                  "Exit 10 where something changed, or would change");
  apply->add_flag("--repair", options.repair, repair_about);
}

CLI::App* add_member_command(CLI::App& settings, const char* name, const char* about,
                             Arguments& arguments, Command command) {
  CLI::App* added = add_command(settings, name, about, arguments, command);
  added->footer(settings_example);
  added->add_option("PATH", arguments.settings.path, "A member, such as model.name")
      ->required(command != Command::settings_get);
  return added;
}

void add_settings(CLI::App& app, Arguments& arguments) {
  SettingsOptions& options = arguments.settings;
  CLI::App* settings = app.add_subcommand("settings", "Read and write single members");
  settings->require_subcommand(1);
  settings->footer(settings_example);
  add_command(*settings, "scopes", "List the settings files and their state", arguments,
              Command::settings_scopes)
      ->footer("Example:\n  qwen-authctl settings scopes");

  CLI::App* get = add_member_command(*settings, "get", "Show a member, or all, keys masked",
                                     arguments, Command::settings_get);
  get->add_option("--scope", options.scope, "One file, or what Qwen Code makes of them (merged)")
      ->check(CLI::IsMember({"merged", "user", "workspace", "system", "system-defaults"}));

  CLI::App* set =
      add_member_command(*settings, "set", "Write a member", arguments, Command::settings_set);
  set->add_option("VALUE", options.value, "JSON or text, or - to read it from stdin")->required();

  CLI::App* remove = add_member_command(*settings, "remove", "Remove a member", arguments,
                                        Command::settings_remove);
  remove->add_flag("--purge", options.purge, "Remove a key from the snapshots, too");
  for (CLI::App* writer : {set, remove}) {
    add_write_scope(*writer, options.scope);
    writer->add_flag("--repair", options.repair, repair_about);
  }
}

}  // namespace

CLI::App* add_command(CLI::App& parent, const char* name, const char* about, Arguments& arguments,
                      Command command) {
  CLI::App* added = parent.add_subcommand(name, about);
  added->callback([&arguments, command] { arguments.command = command; });
  return added;
}

void add_settings_commands(CLI::App& app, Arguments& arguments) {
  add_apply(app, arguments);
  add_settings(app, arguments);
  add_history(app, arguments);
}

}  // namespace authd::client
