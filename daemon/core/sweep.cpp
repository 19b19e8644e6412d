#include "daemon/core/sweep.hpp"

#include <algorithm>

#include "daemon/core/settings_rules.hpp"
#include "daemon/core/url.hpp"

namespace authd::core {
namespace {

bool is_same_place(const VendorEndpoint& one, const VendorEndpoint& other) {
  return one.endpoint == other.endpoint;
}

// Zhipu's platform in China, for which Qwen Code has no preset: the company of Z.AI, whose keys
// have the same shape and are refused by the other platform.
constexpr Endpoint zhipu_endpoints[] = {
    {"china", "China (Zhipu)", "https://open.bigmodel.cn/api/paas/v4"},
    {"china-coding-plan", "China (Zhipu), Coding Plan",
     "https://open.bigmodel.cn/api/coding/paas/v4"},
};

// A vendor's endpoints: those of its preset, and those beside it.
std::vector<const Endpoint*> endpoints_of(const Provider& provider) {
  std::vector<const Endpoint*> endpoints;
  for (const Endpoint& endpoint : provider.endpoints) endpoints.push_back(&endpoint);
  if (provider.id == "zai")
    for (const Endpoint& endpoint : zhipu_endpoints) endpoints.push_back(&endpoint);
  return endpoints;
}

bool has_several_plans(const Provider& provider) {
  return std::ranges::any_of(providers(), [&](const Provider& other) {
    return &other != &provider && other.vendor_name() == provider.vendor_name();
  });
}

bool is_other_plan(const VendorEndpoint& from, const VendorEndpoint& to) {
  return from.provider != to.provider ||
         (to.provider->endpoints_are_plans && from.host() == to.host());
}

bool accepts(const Verdict& verdict) {
  return verdict.state == VerdictState::accepted ||
         (verdict.state == VerdictState::accepted_but && verdict.code != "K201");
}

// A member of an entry, in the list as the file has it: an array, or {protocol, models}.
Path member_of_entry(const EntryFacts& facts, const ConfiguredModel& model,
                     std::initializer_list<const char*> names) {
  const SettingsFile& file = facts.files.at(model.scope);
  Path path{"modelProviders", model.provider};
  if (file.document) path = model_list(*file.document, model.provider).path;
  path.push_back(std::to_string(model.index));
  path.insert(path.end(), names.begin(), names.end());
  return path;
}

// The edit is for this very entry: where another one stands at its place, nothing is written.
void hold_on_to(const EntryFacts& facts, const ConfiguredModel& model, EditSettings& edit) {
  const Json raw = raw_entry(model, facts.files);
  for (const char* member : {"id", "baseUrl", "envKey"})
    if (raw.is_object() && raw.contains(member))
      edit.edits.push_back({member_of_entry(facts, model, {member}), raw[member], raw[member]});
}

bool can_be_edited(const EntryFacts& facts) {
  return facts.entry.scope == Scope::user || facts.entry.scope == Scope::workspace;
}

// The entries of the same file that go to the same base URL with the same variable.
std::vector<const ConfiguredModel*> entries_of_endpoint(const EntryFacts& facts) {
  const std::string base_url = canonical_base_url(facts.entry.base_url);
  std::vector<const ConfiguredModel*> entries;
  for (const ConfiguredModel& model : facts.models)
    if (model.scope == facts.entry.scope && model.protocol == facts.entry.protocol &&
        model.env_key == facts.entry.env_key && canonical_base_url(model.base_url) == base_url)
      entries.push_back(&model);
  return entries;
}

// model.baseUrl, where it selects such an entry.
void move_selected(const EntryFacts& facts, const std::string& base_url, EditSettings& edit) {
  const auto selected = merged_value(facts.files, Path{"model", "baseUrl"});
  if (selected && selected->scope == facts.entry.scope && selected->value.is_string() &&
      canonical_base_url(selected->value.get<std::string>()) ==
          canonical_base_url(facts.entry.base_url))
    edit.edits.push_back({{"model", "baseUrl"}, base_url});
}

}  // namespace

std::string VendorEndpoint::host() const { return parse_url(endpoint->base_url).host; }

std::string VendorEndpoint::label() const {
  const std::string label(endpoint->label);
  return has_several_plans(*provider) ? std::string(provider->title) + ", " + label : label;
}

std::optional<VendorEndpoint> vendor_endpoint(std::string_view base_url) {
  const std::string host = parse_url(base_url).host;
  std::optional<VendorEndpoint> same_host;
  for (const Provider& provider : providers()) {
    if (provider.is_local()) continue;
    for (const Endpoint* endpoint : endpoints_of(provider)) {
      if (endpoint->base_url == canonical_base_url(base_url))
        return VendorEndpoint{&provider, endpoint};
      if (!same_host && parse_url(endpoint->base_url).host == host)
        same_host = VendorEndpoint{&provider, endpoint};
    }
  }
  return same_host;
}

std::vector<VendorEndpoint> siblings_of(std::string_view protocol, std::string_view base_url) {
  std::vector<VendorEndpoint> siblings;
  const auto home = vendor_endpoint(base_url);
  if (!home || protocol != "openai") return siblings;
  for (const bool same_row : {true, false})
    for (const Provider& provider : providers()) {
      const bool is_of_vendor = provider.vendor_name() == home->provider->vendor_name();
      if (!is_of_vendor || (&provider == home->provider) != same_row) continue;
      for (const Endpoint* endpoint : endpoints_of(provider))
        if (const VendorEndpoint one{&provider, endpoint}; !is_same_place(one, *home))
          siblings.push_back(one);
    }
  return siblings;
}

bool is_worth_a_sweep(const Verdict& verdict) {
  return (verdict.state == VerdictState::rejected && verdict.code != "K210") ||
         (verdict.state == VerdictState::accepted_but && verdict.code == "K201");
}

ProbeTarget sibling_target(const ProbeTarget& target, const VendorEndpoint& sibling) {
  ProbeTarget there = target.clone();
  there.base_url = sibling.endpoint->base_url;
  there.depth = ProbeDepth::key;
  const auto models = sibling.provider->models_at(sibling.endpoint->base_url);
  const bool has_it = std::ranges::find(models, target.model, &TemplateModel::id) != models.end();
  if (!has_it && !models.empty()) there.model = models.front().id;
  return there;
}

std::vector<std::size_t> accepting(const std::vector<SweepAnswer>& answers) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < answers.size(); ++i)
    if (accepts(answers[i].verdict)) found.push_back(i);
  std::ranges::stable_partition(
      found, [&](std::size_t i) { return answers[i].verdict.state == VerdictState::accepted; });
  return found;
}

void apply_sweep(Verdict& verdict, const std::vector<SweepAnswer>& answers,
                 const std::optional<VendorEndpoint>& accepted) {
  const auto home = vendor_endpoint(verdict.base_url);
  if (answers.empty() || !home) return;
  const std::string here = parse_url(verdict.base_url).host;
  if (accepted) {
    const bool other_plan = is_other_plan(*home, *accepted);
    verdict.code = other_plan ? "K201" : "K202";
    const auto named = [&](const VendorEndpoint& one) {
      return other_plan ? one.label() : std::string(one.endpoint->label);
    };
    verdict.message = std::string(other_plan ? "The key belongs to " : "The key is valid in ") +
                      named(*accepted) + " (" + accepted->host() + "), not " +
                      (other_plan ? "to " : "in ") + named(*home) + " (" + here + ").";
    return;
  }
  const auto refusing = std::ranges::count_if(answers, [](const SweepAnswer& answer) {
    return answer.verdict.state == VerdictState::rejected;
  });
  const auto unclear = static_cast<std::ptrdiff_t>(answers.size()) - refusing;
  if (verdict.state != VerdictState::rejected) {
    verdict.hints.push_back("None of the " + std::to_string(answers.size()) +
                            " other endpoints that were asked takes the key.");
    return;
  }
  verdict.code = "K203";
  const std::size_t all = siblings_of(verdict.protocol, verdict.base_url).size();
  if (answers.size() < all) {
    verdict.message = "The key is refused by " + here + ", and none of the " +
                      std::to_string(answers.size()) + " other endpoints of " +
                      std::string(home->provider->vendor_name()) + " that were asked takes it; " +
                      std::to_string(all - answers.size()) + " were not asked.";
    return;
  }
  verdict.message = "The key is refused by " + std::string(unclear == 0 ? "all " : "") +
                    std::to_string(refusing + 1) + " endpoints of " +
                    std::string(home->provider->vendor_name()) +
                    (unclear == 0 ? " that were asked" : "") + ", " + here + " among them" +
                    (unclear == 0 ? ": it is revoked, mistyped or of another vendor."
                                  : "; " + std::to_string(unclear) + " gave no clear answer.");
}

std::optional<Fix> switch_fix(const EntryFacts& facts, const VendorEndpoint& to,
                              const Secret& key) {
  if (!can_be_edited(facts)) return std::nullopt;
  const ConfiguredModel& entry = facts.entry;
  const std::string base_url(to.endpoint->base_url), env_key(to.provider->env_key);
  const auto home = vendor_endpoint(entry.base_url);
  // A variable of the user's own choice stays; one of a plan becomes the other plan's, where its
  // value stands in this very file and the other one has no value yet that would be lost.
  const Jsonc* const document =
      facts.files.at(entry.scope).document ? &*facts.files.at(entry.scope).document : nullptr;
  const auto env_text = [&](const std::string& name) {
    return document ? document->string_at(Path{"env", name}) : std::string();
  };
  const bool changes_key = home && entry.env_key == home->provider->env_key &&
                           entry.env_key != env_key && !key.empty() &&
                           env_text(entry.env_key) == key.reveal() && env_text(env_key).empty();
  EditSettings edit{entry.scope, {}};
  for (const ConfiguredModel* one : entries_of_endpoint(facts)) {
    const ConfiguredModel& model = *one;
    hold_on_to(facts, model, edit);
    edit.edits.push_back({member_of_entry(facts, model, {"baseUrl"}), base_url});
    if (changes_key) edit.edits.push_back({member_of_entry(facts, model, {"envKey"}), env_key});
    if (home && model.name == home->provider->name_of(model.id, entry.base_url) &&
        model.name != to.provider->name_of(model.id, base_url))
      edit.edits.push_back(
          {member_of_entry(facts, model, {"name"}), to.provider->name_of(model.id, base_url)});
  }
  if (changes_key) edit.edits.push_back({{"env", env_key}, std::string(key.reveal()), Json()});
  move_selected(facts, base_url, edit);
  if (home && home->provider == to.provider && !to.provider->metadata.empty()) {
    const Path region{std::string(to.provider->metadata), "region"};
    if (const auto told = merged_value(facts.files, region); told && told->scope == entry.scope)
      edit.edits.push_back({region, std::string(to.endpoint->id)});
  }
  return Fix{FixKind::ask, "Use the endpoint of " + to.label(), "", "", std::move(edit)};
}

std::optional<Fix> host_fix(const EntryFacts& facts, std::string_view host) {
  if (!can_be_edited(facts) || expandable_name(facts.entry.base_url)) return std::nullopt;
  const Url url = parse_url(facts.entry.base_url);
  if (url.scheme.empty() || url.host.empty()) return std::nullopt;
  const std::string user = url.userinfo.empty() ? "" : url.userinfo + "@";
  const std::string base_url = url.scheme + "://" + user + std::string(host) +
                               (url.port.empty() ? "" : ":" + url.port) + url.path + url.query;
  EditSettings edit{facts.entry.scope, {}};
  for (const ConfiguredModel* one : entries_of_endpoint(facts)) {
    hold_on_to(facts, *one, edit);
    edit.edits.push_back({member_of_entry(facts, *one, {"baseUrl"}), base_url});
  }
  move_selected(facts, base_url, edit);
  return Fix{FixKind::ask, "Write " + std::string(host) + " instead of " + url.host, "", "",
             std::move(edit)};
}

std::optional<Fix> header_fix(const EntryFacts& facts, std::string_view header) {
  const ConfiguredModel& entry = facts.entry;
  if (!can_be_edited(facts) || !usable_variable_name(entry.env_key)) return std::nullopt;
  const std::string reference = "$" + entry.env_key;
  const std::string value = header == "Authorization" ? "Bearer " + reference : reference;
  Path path = member_of_entry(facts, entry, {"generationConfig", "customHeaders"});
  path.emplace_back(header);
  EditSettings edit{entry.scope, {}};
  hold_on_to(facts, entry, edit);
  edit.edits.push_back({std::move(path), value});
  return Fix{FixKind::ask, "Send the key in the header " + std::string(header), "", "",
             std::move(edit)};
}

}  // namespace authd::core
