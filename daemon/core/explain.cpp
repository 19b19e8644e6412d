// explain(): every source of one variable.
#include <algorithm>

#include "daemon/core/cli_flags.hpp"
#include "daemon/core/resolution.hpp"
#include "daemon/core/variable_rules.hpp"
#include "daemon/core/variable_sources.hpp"

namespace authd::core {
namespace {

std::string at_line(const std::string& path, std::size_t line) {
  return path + ":" + std::to_string(line);
}

// Collects sources from the highest priority to the lowest, and knows what has the variable so far.
class Collector {
 public:
  Collector(std::string name, const VariableSources& rules) : rules_(rules) {
    explanation_.name = std::move(name);
  }

  // A place that says nothing, or that does not count.
  void skip(SourceKind kind, std::string where, std::string reason,
            std::optional<Secret> value = std::nullopt) {
    const bool exists = reason != no_such_file;
    explanation_.sources.push_back(
        {kind, std::move(where), std::move(value), false, std::move(reason), exists});
  }

  // A place that counts and has a value.
  void offer(SourceKind kind, std::string where, std::string_view value, std::string applied) {
    if (is_decided()) {
      const std::string first = winner().where;
      return skip(kind, std::move(where),
                  (first == "export" ? "The exported variable" : first) + " comes first.",
                  Secret(value));
    }
    const std::string text(value);
    if (rules_.counts_as_unset(&text))
      return skip(kind, std::move(where), "It is empty, which counts as not set.", Secret());
    explanation_.winner = explanation_.sources.size();
    if (value.empty())
      applied = "It is empty, but it is set: this version of Qwen Code looks no further.";
    explanation_.sources.push_back(
        {kind, std::move(where), Secret(value), true, std::move(applied)});
  }

  bool is_decided() const { return explanation_.winner.has_value(); }
  const VariableSource& winner() const { return explanation_.sources[*explanation_.winner]; }
  const std::string& name() const { return explanation_.name; }
  Explanation take() { return std::move(explanation_); }

 private:
  const VariableSources& rules_;
  Explanation explanation_;
};

void flags(Collector& sources, const Environment& environment, const Choice& choice) {
  const FlagOfVariable flag = flag_of_variable(sources.name(), choice);
  if (flag.name.empty()) return;
  const std::string where(flag.name);
  const CliFlags given = parse_cli_flags(environment.args);
  std::optional<std::string> value;
  if (flag.name == api_key_flag && given.api_key) value = std::string(given.api_key->reveal());
  if (flag.name == base_url_flag) value = given.base_url;
  if (flag.name == model_flag) value = given.model;
  if (!value || value->empty())
    return sources.skip(SourceKind::cli, where, "The flag is not given.");
  if (!flag.outranked.empty())
    return sources.skip(SourceKind::cli, where, flag.outranked, Secret(*value));
  sources.offer(SourceKind::cli, where, *value, "A flag outranks every variable.");
}

void shell(Collector& sources, const Environment& environment) {
  const auto exported = environment.variables.find(sources.name());
  if (exported == environment.variables.end())
    return sources.skip(SourceKind::shell, "export", "It is not exported.");
  sources.offer(SourceKind::shell, "export", exported->second,
                "An exported variable outranks every file.");
}

void dotenv(Collector& sources, const DotenvFile& file, const std::string& file_skipped,
            const VariableSources& rules) {
  const auto entry = std::ranges::find(file.entries.rbegin(), file.entries.rend(), sources.name(),
                                       &DotenvEntry::name);
  const bool has_entry = entry != file.entries.rend();
  const std::string where = has_entry ? at_line(file.path, entry->line) : file.path;
  std::optional<Secret> value;
  if (has_entry) value = Secret(std::string_view(entry->value));
  if (!file_skipped.empty())
    return sources.skip(SourceKind::dotenv, where, file_skipped, std::move(value));
  if (!has_entry) return sources.skip(SourceKind::dotenv, where, "It does not set this variable.");
  if (std::string why = rules.dotenv_refusal(file, sources.name()); !why.empty())
    return sources.skip(SourceKind::dotenv, where, std::move(why), std::move(value));
  sources.offer(SourceKind::dotenv, where, entry->value,
                "It is the first file in Qwen Code's order that sets the variable.");
}

// The value of env.NAME in a file, as Qwen Code has it when the file takes part.
const Json* expanded_value(const SettingsView& view, Scope scope, const std::string& name) {
  for (const auto& [of, env] : view.env)
    if (of == scope && env.contains(name)) return &env[name];
  return nullptr;
}

class SettingsSources {
 public:
  SettingsSources(Collector& sources, const SettingsView& view, const CliRules& rules)
      : sources_(sources), view_(view), rules_(rules) {}

  // Called from the highest scope to the lowest.
  void add(const SettingsFile& file, bool takes_part) {
    const std::string& name = sources_.name();
    Jsonc::Node env = Jsonc::none, node = Jsonc::none;
    if (file.document) {
      env = file.document->member(file.document->root(), "env");
      node = file.document->member(env, name);
    }
    const bool is_there = node != Jsonc::none;
    std::string where =
        is_there ? at_line(file.path, file.document->position(node).line) : file.path;
    std::optional<Secret> value;
    if (is_there && file.document->kind(node) == Jsonc::Kind::string)
      value = Secret(file.document->string(node));
    const auto skip = [&](std::string why) {
      sources_.skip(SourceKind::settings, std::move(where), std::move(why), std::move(value));
    };
    if (!file.exists) return skip(std::string(no_such_file));
    if (!takes_part) return skip(std::string(not_trusted));
    if (file.trouble || !file.document || !file.document->trailing_commas().empty())
      return skip("Qwen Code cannot read this file.");
    if (!is_there) {
      const bool hides = env != Jsonc::none && file.document->kind(env) != Jsonc::Kind::object;
      skip(hides ? "Its env is not an object, which hides what lower scopes say."
                 : "Its env does not have this variable.");
      if (hides && higher_.empty()) higher_ = file.path;
      return;
    }
    if (std::string why = refusal(name, VariablePlace::settings, rules_); !why.empty())
      return skip(std::move(why));
    if (!higher_.empty()) return skip("What " + higher_ + " says takes its place.");
    higher_ = where;
    const Json* const expanded = expanded_value(view_, file.scope, name);
    if (!value || !expanded || !expanded->is_string())
      return skip("Its value is not a string, so Qwen Code ignores it.");
    sources_.offer(SourceKind::settings, std::move(where), expanded->get_ref<const std::string&>(),
                   "Nothing that outranks settings.json sets the variable.");
  }

 private:
  Collector& sources_;
  const SettingsView& view_;
  const CliRules& rules_;
  std::string higher_;  // what takes the place of lower scopes
};

}  // namespace

// A variable that the first of two starts sets stays as it is.
struct Explainer::Place {
  const Surroundings& surroundings;
  const Environment& environment;
  const CliRules& rules;
  VariableSources sources;
  Choice choice;
  std::unique_ptr<const Explainer> first;
};

Explainer::Explainer(const Surroundings& surroundings, const Environment& environment,
                     const CliRules& rules)
    : place_(new Place{
          surroundings, environment, rules, VariableSources(surroundings, environment, rules),
          choose(surroundings, environment, rules),
          surroundings.first ? std::make_unique<Explainer>(*surroundings.first, environment, rules)
                             : nullptr}) {}

Explainer::~Explainer() = default;

Explanation Explainer::explain(const std::string& name, const Variables& overlay) const {
  if (place_->first)
    if (Explanation first = place_->first->explain(name, overlay); first.winner) return first;
  const Surroundings& surroundings = place_->surroundings;
  Collector sources(name, place_->sources);
  flags(sources, place_->environment, place_->choice);
  shell(sources, place_->environment);
  for (std::size_t i = 0; i < surroundings.dotenvs.size(); ++i)
    dotenv(sources, surroundings.dotenvs[i], place_->sources.file_skipped(i), place_->sources);
  const SettingsFiles& files = surroundings.files;
  SettingsSources settings(sources, place_->sources.settings(), place_->rules);
  settings.add(files.system, true);
  if (files.workspace) settings.add(*files.workspace, files.workspace_trusted);
  settings.add(files.user, true);
  settings.add(files.system_defaults, true);
  if (const auto found = overlay.find(name); found != overlay.end())
    sources.skip(SourceKind::overlay, "qwen-authd",
                 "The daemon holds it; it reaches Qwen Code through qwen-authctl exec or env only.",
                 Secret(std::string_view(found->second)));
  return sources.take();
}

Explanation explain(const std::string& name, const Surroundings& surroundings,
                    const Environment& environment, const CliRules& rules,
                    const Variables& overlay) {
  return Explainer(surroundings, environment, rules).explain(name, overlay);
}

}  // namespace authd::core
