#include "client/models_command.hpp"

#include <algorithm>

#include "client/asking.hpp"
#include "client/characters.hpp"
#include "client/daemon_call.hpp"
#include "client/discovery.hpp"
#include "client/members.hpp"
#include "client/models_view.hpp"
#include "client/near_names.hpp"
#include "client/notices.hpp"
#include "client/output.hpp"
#include "client/settings_view.hpp"
#include "client/standard_input.hpp"
#include "client/words.hpp"

namespace authd::client {
namespace {

// What the commands about one model begin with. `context` may hold keys.
struct Configured {
  Json models;
  Json context;
};

Outcome<Configured> configured_models(const Arguments& arguments) {
  SignalInbox signals = command_signals();
  auto connection = reach_daemon(arguments);
  if (!connection) return std::unexpected(connection.error());
  const Json context = informed_context(*connection, signals);
  auto result = call(*connection, "models.list", {{"context", context}}, signals);
  if (!result) return std::unexpected(result.error());
  return Configured{list_member(*result, "models"), context};
}

bool is_same(const Json& one, const Json& other) {
  return std::ranges::all_of(std::array{"id", "protocol", "baseUrl"}, [&](const char* name) {
    return text_member(one, name) == text_member(other, name);
  });
}

// The models that the options may mean, each once. A model that Qwen Code skips can be removed,
// and not be selected.
std::vector<Json> candidates(const Json& models, const ModelOptions& wanted, bool usable_only) {
  std::vector<Json> found;
  for (const Json& model : models) {
    const auto fits = [&](const std::string& option, const char* name) {
      return option.empty() || text_member(model, name) == option;
    };
    const bool meant = fits(wanted.model, "id") && fits(wanted.protocol, "protocol") &&
                       fits(wanted.base_url, "baseUrl");
    const bool known = std::ranges::any_of(found, [&](auto& one) { return is_same(one, model); });
    if (meant && !known && (!usable_only || flag_member(model, "usable"))) found.push_back(model);
  }
  return found;
}

std::unexpected<Fault> no_such_model(const Json& models, const ModelOptions& wanted) {
  ModelOptions unusable = wanted;
  for (const Json& model : candidates(models, unusable, false))
    return fault(ExitCode::error, "unknown_model",
                 "Qwen Code skips " + wanted.model + ": " + text_member(model, "reason"),
                 "`qwen-authctl models` shows all of them.");
  std::vector<std::string> names;
  for (const Json& model : models) names.push_back(text_member(model, "id"));
  const bool elsewhere = std::ranges::find(names, wanted.model) != names.end();
  const std::vector<std::string> near =
      elsewhere ? std::vector<std::string>() : near_names(wanted.model, names);
  return fault(ExitCode::error, "unknown_model",
               elsewhere ? "There is no " + wanted.model + " of this protocol and base URL."
                         : "There is no model " + wanted.model + " in the settings.",
               near.empty() ? "`qwen-authctl models` lists what there is."
                            : "Did you mean " + alternatives(near) + "?");
}

std::string options_for(const Json& model) {
  std::string text = "--protocol " + shell_word(text_member(model, "protocol"));
  if (const std::string url = text_member(model, "baseUrl"); !url.empty())
    text += " --base-url " + shell_word(url);
  return text;
}

std::unexpected<Fault> which_of(const std::vector<Json>& found, const ModelOptions& wanted) {
  if (wanted.model.empty())
    return usage("Without questions this needs a MODEL.", "`qwen-authctl models` lists them.");
  std::string choices;
  for (const Json& model : found) choices += "\n  " + options_for(model);
  return usage(wanted.model + " is configured for several endpoints. Say which one:" + choices);
}

// A list to choose from; the value of an option is its place among the models.
Json choice_of(const std::vector<Json>& found, const char* title) {
  Json step = {{"id", "model"},
               {"kind", "select"},
               {"title", title},
               {"hint", "Enter to select, ↑↓ to navigate, Esc to leave"}};
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Json& model = found[i];
    step["options"].push_back({{"value", std::to_string(i)},
                               {"label", text_member(model, "id")},
                               {"description", endpoint_of(model) + " · " + key_of(model)}});
    if (flag_member(model, "selected")) step["value"] = std::to_string(i);
  }
  return step;
}

std::unexpected<Fault> left_without_choice(const Reply& reply) {
  if (reply.kind == Reply::Kind::terminate)
    return fault(exit_code_of_signal(reply.signal), "interrupted", "Interrupted.");
  const bool interrupted = reply.kind == Reply::Kind::interrupt;
  return fault(interrupted ? ExitCode::interrupted : ExitCode::error, "interrupted",
               "Cancelled. Nothing was saved.");
}

// The one model that is meant. A person is asked where there are several.
Outcome<Json> the_one(std::vector<Json> found, const Arguments& arguments, const char* title) {
  if (found.size() == 1 && !arguments.model.model.empty()) return std::move(found.front());
  const Asking asking = asking_of_command(arguments);
  if (asking == Asking::no) return which_of(found, arguments.model);
  const std::unique_ptr<Frontend> frontend = make_frontend(asking);
  const Reply reply = frontend->choose({}, choice_of(found, title));
  frontend->finish({});
  if (reply.kind != Reply::Kind::value) return left_without_choice(reply);
  return std::move(found[std::stoul(std::string(reply.value.reveal()))]);
}

// What a method that writes about one model takes.
Json params_about(const Json& model, const ModelOptions& options, const Json& context) {
  Json params = {{"protocol", text_member(model, "protocol")},
                 {"id", text_member(model, "id")},
                 {"scope", options.scope},
                 {"context", context}};
  if (const std::string url = text_member(model, "baseUrl"); !url.empty()) params["baseUrl"] = url;
  return params;
}

// Finds the model and calls the method about it; the model's own members stand in `model`.
Outcome<Json> written(const Arguments& arguments, const char* method, bool usable_only,
                      const char* title) {
  const auto configured = configured_models(arguments);
  if (!configured) return std::unexpected(configured.error());
  const ModelOptions& wanted = arguments.model;
  std::vector<Json> found = candidates(configured->models, wanted, usable_only);
  if (found.empty() && wanted.model.empty())
    return fault(ExitCode::error, "unknown_model", "No models are configured.",
                 "`qwen-authctl` sets some up.");
  if (found.empty()) return no_such_model(configured->models, wanted);
  const auto model = the_one(std::move(found), arguments, title);
  if (!model) return std::unexpected(model.error());
  SignalInbox signals = command_signals();
  auto result =
      call_daemon(arguments, method, params_about(*model, wanted, configured->context), signals);
  if (result && !member(*result, "model").is_object()) (*result)["model"] = *model;
  return result;
}

ExitCode show_written(const Arguments& arguments, const Outcome<Json>& result,
                      const std::string& lead) {
  print_notices(result, arguments.json);
  return show(arguments, result, [&](const Json& saved, std::size_t columns) {
    const Json& model = member(saved, "model");
    std::vector<Line> lines =
        wrapped_after(line("✓ ", Tone::good),
                      lead + shown(model, "id") + " (" + endpoint_of(model) + ").", columns);
    for (const std::string& note : texts_member(saved, "notes"))
      append(lines, wrapped_after(line("  "), printable_line(note), columns));
    if (flag_member(saved, "changed")) append(lines, change_lines(saved, saved, columns));
    return lines;
  });
}

// ---- discover

// The endpoint of the selected model, as far as the options name no other.
Outcome<Json> endpoint_to_ask(const ModelOptions& options, Connection& connection,
                              const Json& context, SignalInbox& signals) {
  Json endpoint = Json::object();
  if (options.base_url.empty()) {
    const auto status = call(connection, "auth.status", {{"context", context}}, signals);
    if (!status) return std::unexpected(status.error());
    for (const char* name : {"protocol", "baseUrl", "envKey"})
      if (const std::string text = text_member(*status, name); !text.empty()) endpoint[name] = text;
    if (!endpoint.contains("baseUrl"))
      return usage("There is no selected model whose endpoint could be asked.",
                   "Name the endpoint with --base-url.");
  } else {
    endpoint = {{"protocol", "openai"}, {"baseUrl", options.base_url}};
  }
  if (!options.protocol.empty()) endpoint["protocol"] = options.protocol;
  if (!options.env_key.empty()) endpoint["envKey"] = options.env_key;
  return endpoint;
}

Outcome<Json> discovered(const Arguments& arguments) {
  const ModelOptions& options = arguments.model;
  if (options.key_from_stdin && !options.env_key.empty())
    return usage("--key-stdin and --env-key exclude each other.");
  SignalInbox signals = command_signals();
  Secret key;
  if (options.key_from_stdin) {
    auto given = secret_from_stdin("API key", signals);
    if (!given) return std::unexpected(given.error());
    key = std::move(*given);
  }
  auto connection = reach_daemon(arguments);
  if (!connection) return std::unexpected(connection.error());
  const Json context = informed_context(
      *connection, signals,
      options.env_key.empty() ? std::vector<std::string>() : std::vector{options.env_key});
  auto endpoint = endpoint_to_ask(options, *connection, context, signals);
  if (!endpoint) return endpoint;
  if (!key.empty()) {
    endpoint->erase("envKey");
    (*endpoint)["apiKey"] = key.reveal();
  }
  Json params = {{"endpoint", std::move(*endpoint)}, {"context", context}};
  return call(*connection, "models.discover", std::move(params), signals);
}

}  // namespace

ExitCode run_models(const Arguments& arguments) {
  SignalInbox signals = command_signals();
  auto connection = reach_daemon(arguments);
  if (!connection) return report(connection.error(), arguments.json);
  const Json params = {{"context", informed_context(*connection, signals)}};
  const auto result = call(*connection, "models.list", params, signals);
  if (result) print_warnings(list_member(*result, "warnings"));
  return show(arguments, result, models_lines);
}

ExitCode run_models_discover(const Arguments& arguments) {
  const auto result = discovered(arguments);
  const bool has_list = result && !list_member(*result, "models").empty();
  if (has_list || arguments.json || !result) {
    const ExitCode exit_code = show(arguments, result, discovered_lines);
    if (has_list || !result) return exit_code;
  }
  const ExitCode exit_code =
      text_member(*result, "status") == "rejected" ? ExitCode::refused : ExitCode::error;
  if (arguments.json) return exit_code;
  return report(fault(exit_code, "no_list", discovery_failure(*result)).error(), false);
}

ExitCode run_models_remove(const Arguments& arguments) {
  const auto result = written(arguments, "models.remove", false, "Which one is to be removed?");
  return show_written(arguments, result, "Removed ");
}

ExitCode run_use(const Arguments& arguments) {
  const auto result = written(arguments, "models.select", true, "Select a model");
  return show_written(arguments, result, "Qwen Code starts with ");
}

}  // namespace authd::client
