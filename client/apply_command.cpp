#include "client/apply_command.hpp"

#include <unistd.h>

#include <cstdlib>

#include "client/apply_document.hpp"
#include "client/caller_context.hpp"
#include "client/daemon_call.hpp"
#include "client/members.hpp"
#include "client/notices.hpp"
#include "client/settings_view.hpp"
#include "client/standard_input.hpp"

namespace authd::client {
namespace {

Outcome<Json> read_document(const std::string& file, SignalInbox& signals) {
  const bool from_stdin = file == "-";
  const auto text = from_stdin ? read_all(STDIN_FILENO, signals) : read_file(file, signals);
  if (!text) return std::unexpected(text.error());
  auto document = parse_document(text->reveal(), from_stdin ? "standard input" : file);
  if (document && from_stdin && wants_stdin(*document))
    return usage("Standard input cannot bring the document and the key that it asks for.",
                 "Give the document as a file: -f FILE.");
  return document;
}

// The daemon does not see the shell: what the document refers to goes along.
Json context_for(const Json& document) {
  Json context = caller_context();
  for (const std::string& name : variables_of(document))
    if (const char* value = std::getenv(name.c_str()); value != nullptr)
      context["env"][name] = value;
  return context;
}

Outcome<Json> params_of(const ApplyOptions& options, SignalInbox& signals) {
  auto document = read_document(options.file, signals);
  if (!document) return document;
  Json params = {{"scope", options.scope},
                 {"dryRun", options.dry_run},
                 {"repair", options.repair},
                 {"context", context_for(*document)}};
  if (wants_stdin(*document)) {
    const auto key = secret_from_stdin("API key", signals);
    if (!key) return std::unexpected(key.error());
    params["stdin"] = key->reveal();
  }
  params["document"] = std::move(*document);
  return params;
}

Outcome<Json> applied(const Arguments& arguments) {
  SignalInbox signals = command_signals();
  auto params = params_of(arguments.apply, signals);
  if (!params) return params;
  return call_daemon(arguments, "settings.apply", std::move(*params), signals);
}

}  // namespace

ExitCode run_apply(const Arguments& arguments) {
  const ApplyOptions& options = arguments.apply;
  const auto result = applied(arguments);
  print_notices(result, arguments.json);
  const ExitCode exit_code = show(arguments, result, [&](const Json& answer, std::size_t columns) {
    return apply_lines(answer, options.dry_run, columns);
  });
  const bool changed = result && text_member(*result, "result") == "changed";
  return changed && options.detailed_exit_code ? ExitCode::changed : exit_code;
}

}  // namespace authd::client
