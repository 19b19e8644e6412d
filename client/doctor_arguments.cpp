#include "client/doctor_arguments.hpp"

#include "client/settings_arguments.hpp"

namespace authd::client {
namespace {

constexpr const char* doctor_example =
    R"(Looks at the settings, the .env files and the environment of this directory; nothing is sent
anywhere without --probe. Exit 0 where all is well, 7 with warnings, 8 with errors.
  qwen-authctl doctor
  qwen-authctl doctor --probe           ask the selected model, too
  qwen-authctl doctor --fix             show what would mend it, and ask
  qwen-authctl doctor --report          a redacted report for an issue
  qwen-authctl doctor --only E101 --only S902
  qwen-authctl why E101                 what a code means, without a daemon)";

constexpr const char* why_example =
    R"(Without CODE it lists every diagnosis.
  qwen-authctl why U301)";

}  // namespace

void add_doctor_commands(CLI::App& app, Arguments& arguments) {
  using Command = Arguments::Command;
  DoctorOptions& options = arguments.doctor;
  CLI::App* doctor =
      add_command(app, "doctor", "Find out what is wrong, and mend it", arguments, Command::doctor);
  doctor->footer(doctor_example);
  doctor->add_flag("--probe", options.probe, "Ask the selected model's provider, too");
  CLI::Option* fix =
      doctor->add_flag("--fix", options.fix, "Carry out what mends it; asks first on a terminal");
  doctor->add_flag("--yes", options.yes, "Of fixes, do not ask")->needs(fix);
  doctor->add_flag("--report", options.report, "Print a redacted report in Markdown")
      ->excludes(fix);
  doctor->add_option("--only", options.only, "A code to look for; may be given again")
      ->type_name("CODE");
  doctor->add_option("--consent", options.hosts, "A host that a key may be sent to")
      ->type_name("HOST");
  doctor->add_flag("--yes-sweep", options.yes_sweep,
                   "Where the key is refused, ask the vendor's other regions and plans with it");
  doctor->add_option("--cli-version", options.cli_version, "The version of Qwen Code to imitate")
      ->type_name("VERSION");
  CLI::App* why =
      add_command(app, "why", "Say what a diagnosis means, offline", arguments, Command::why);
  why->footer(why_example);
  why->add_option("CODE", arguments.why.code, "Such as E101");
  why->add_flag("--markdown", arguments.why.markdown, "The whole catalogue, as docs/DIAGNOSES.md");
}

}  // namespace authd::client
