// Keys as they are: in the wrong member, with characters that cannot be sent, not keys at all, or
// of another vendor or plan than the endpoint.
#include <algorithm>
#include <array>

#include "daemon/core/doctor_case.hpp"
#include "daemon/core/env_key.hpp"
#include "daemon/core/probe.hpp"
#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"
#include "daemon/core/warning.hpp"

namespace authd::core {
namespace {

// ---- K209 --------------------------------------------------------------------------------------

void examine_env_key_members(DoctorCase& doctor) {
  std::set<std::string> seen;
  for (const ConfiguredModel& model : doctor.models) {
    const std::string& held = model.env_key;
    if (held.empty() || names_a_variable(held) || expandable_name(held) || model.protocol.empty())
      continue;
    if (!seen.insert(model.provider + "\n" + held).second) continue;
    const auto place = doctor.place_of(model);
    const std::string raw = DoctorCase::raw_text(place, "envKey");
    const bool is_expanded = raw != held;
    Finding& finding = doctor.tell(
        "K209", key_subject(held),
        is_expanded ? "envKey must be the name of a variable; " + printable(raw, 60) +
                          " is replaced by the variable's value, the key."
                    : "envKey must be the name of a variable; it holds something else, which looks "
                      "like the key itself.");
    finding.evidence = {doctor.where_of(model, "envKey") + ": envKey = " + shown_value(held)};
    const bool is_active = std::ranges::any_of(doctor.models, [&](const ConfiguredModel& one) {
      return one.env_key == held && doctor.is_active(one);
    });
    if (!is_active) finding.severity = Severity::warning;
    if (!place.file) continue;
    std::vector<KeyUse> uses;
    for (const ConfiguredModel& one : doctor.models)
      if (one.env_key != held) uses.push_back({one.protocol, one.base_url, one.env_key});
    const std::string name = is_expanded ? expandable_name(raw).value_or("")
                                         : choose_env_key(model.protocol, model.base_url, uses);
    if (name.empty()) continue;
    std::vector<MemberEdit> edits;
    if (!is_expanded) edits.push_back({{"env", name}, Json(held)});
    for (const ConfiguredModel& one : doctor.models) {
      const auto at = doctor.place_of(one);
      if (one.env_key != held || at.file != place.file || one.base_url != model.base_url) continue;
      Path path = at.path;
      path.emplace_back("envKey");
      edits.push_back({std::move(path), Json(name), Json(raw)});
    }
    doctor.offer_edits(finding, FixKind::automatic,
                       is_expanded ? "Name the variable without the $"
                                   : "Move the key to env." + name + ", and name that variable",
                       model.scope, std::move(edits));
  }
}

// ---- The keys that are sent --------------------------------------------------------------------

struct SentKey {
  std::string name;     // of its variable; empty where it is security.auth.apiKey or a flag
  std::string subject;  // tells it apart
  std::string value, protocol, base_url, model;
  bool is_active = false;
  bool is_entry = false;  // its base URL is that of an entry
  const ConfiguredModel* entry = nullptr;
};

std::vector<SentKey> sent_keys(const DoctorCase& doctor) {
  std::vector<SentKey> keys;
  const Resolution& active = doctor.active;
  if (!active.key.empty() && !doctor.lacks_fatal_entry()) {
    SentKey key;
    key.name = active.env_key;
    key.subject = key.name.empty() ? "security.auth.apiKey" : key_subject(key.name);
    key.value = active.key.reveal();
    key.protocol = active.protocol;
    key.base_url = active.base_url;
    key.model = active.model;
    key.is_active = true;
    if (active.entry) key.entry = &*active.entry;
    keys.push_back(std::move(key));
  }
  std::set<std::pair<std::string, std::string>> seen;
  for (const ConfiguredModel& model : doctor.models) {
    if (!model.is_usable || model.env_key.empty() || !names_a_variable(model.env_key)) continue;
    const std::string origin = parse_url(model.base_url).origin();
    if (model.env_key == active.env_key && origin == parse_url(active.base_url).origin()) continue;
    if (!seen.insert({model.env_key, origin}).second) continue;
    std::string value = doctor.variable(model.env_key);
    if (value.empty()) continue;
    keys.push_back({model.env_key, model.env_key, std::move(value), model.protocol, model.base_url,
                    model.id, false, true, &model});
  }
  return keys;
}

std::string source_of_key(DoctorCase& doctor, const SentKey& key) {
  if (key.is_active && doctor.active.key_source) return doctor.active.key_source->where;
  const VariableSource* winner = key.name.empty() ? nullptr : doctor.winner(key.name);
  return winner ? winner->where : "";
}

Finding& tell_of_key(DoctorCase& doctor, const SentKey& key, std::string_view code,
                     std::string message) {
  const std::string where = source_of_key(doctor, key);
  Finding& finding = doctor.tell(code, key.subject, std::move(message));
  finding.evidence = {(where.empty() ? "" : where + ": ") +
                      (key.name.empty() ? "" : key.name + " = ") + shown_value(key.value) + ", " +
                      std::to_string(key.value.size()) + " bytes"};
  if (!key.is_active) finding.severity = Severity::warning;
  return finding;
}

// ---- K205, K206 --------------------------------------------------------------------------------

// Characters that programs put into a text that is copied, by what a person calls them.
struct KnownCharacter {
  std::string_view name, words;
  char meant = 0;  // what the program replaced by it
};
constexpr auto known_characters = std::to_array<KnownCharacter>({
    {"U+0020", "a blank"},
    {"U+000A", "a line break"},
    {"U+000D", "a line break"},
    {"U+0009", "a tab"},
    {"U+001B", "the escape of a terminal"},
    {"U+00A0", "a no-break space"},
    {"U+2018", "a typographic quote"},
    {"U+2019", "a typographic quote"},
    {"U+201C", "a typographic quote"},
    {"U+201D", "a typographic quote"},
    {"U+201E", "a typographic quote"},
    {"U+00AB", "a typographic quote"},
    {"U+00BB", "a typographic quote"},
    {"U+2010", "a dash of a text program", '-'},
    {"U+2011", "a dash of a text program", '-'},
    {"U+2013", "a dash of a text program", '-'},
    {"U+2014", "a dash of a text program", '-'},
    {"U+2212", "a minus sign", '-'},
    {"U+FF0D", "a full-width hyphen", '-'},
    {"U+FF3F", "a full-width underscore", '_'},
    {"U+200B", "an invisible blank"},
    {"U+200C", "an invisible character"},
    {"U+200D", "an invisible character"},
    {"U+2060", "an invisible character"},
    {"U+FEFF", "an invisible byte order mark"},
    {"U+2026", "an ellipsis, as in a key that is shown shortened"},
    {"U+2022", "a bullet, as in a key that is shown masked"},
    {"U+FF1A", "a full-width colon"},
    {"U+3000", "an ideographic blank"},
});

const KnownCharacter* known_character(std::string_view name) {
  const auto found = std::ranges::find(known_characters, name, &KnownCharacter::name);
  return found == known_characters.end() ? nullptr : &*found;
}

std::string without_foreign(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    const std::string_view bytes = text.substr(at, point.bytes);
    const auto foreign = foreign_character(bytes);
    const KnownCharacter* known = foreign ? known_character(foreign->name) : nullptr;
    if (!foreign)
      out += bytes;
    else if (known && known->meant != 0)
      out += known->meant;
    at += point.bytes;
  }
  return out;
}

void examine_shape(DoctorCase& doctor, const SentKey& key) {
  // A placeholder for a server in a private network may be as short as for one on this machine.
  const std::string base_url =
      is_private_endpoint(key.base_url) ? "http://localhost" : key.base_url;
  for (const Warning& warning : api_key_warnings(key.value, base_url, "")) {
    if (warning.code != "K206") continue;
    Finding& finding = tell_of_key(doctor, key, "K206", warning.message);
    const std::string bare(key_without_prefix(key.value));
    if (bare.size() >= 12 && bare.size() < js_trim(key.value).size() && !foreign_character(bare))
      doctor.offer_value(finding, FixKind::ask, "Take off what is not part of the key", key.name,
                         bare);
    if (!key.name.empty())
      doctor.offer_command(finding, "Enter the key again", set_command(key.name));
    return;
  }
}

void examine_characters(DoctorCase& doctor, const SentKey& key) {
  const auto foreign = foreign_character(key.value);
  if (!foreign) return;
  const std::string clean = clean_input(key.value);
  const bool is_at_end = !foreign_character(clean) && clean.size() >= 8;
  const KnownCharacter* known = known_character(foreign->name);
  Finding& finding =
      tell_of_key(doctor, key, "K205",
                  "Character " + std::to_string(foreign->position) + " of the key is " +
                      foreign->name + (known ? " (" + std::string(known->words) + ")" : "") +
                      ", which is not part of any key and cannot be sent in a header.");
  // Node counts from "Bearer ".
  finding.evidence.push_back("Node would say: index " + std::to_string(foreign->position + 6) +
                             " of the header's value");
  const std::string bare = without_foreign(key.value);
  if (is_at_end)
    doctor.offer_value(finding, FixKind::automatic, "Take it off the ends, where nobody sees it",
                       key.name, clean);
  else if (bare.size() >= 12)
    doctor.offer_value(finding, FixKind::ask, "Write the key without it", key.name, bare);
  if (!key.name.empty())
    doctor.offer_command(finding, "Enter the key again", set_command(key.name));
}

// ---- K207, K201: vendors by prefixes, which are hints ------------------------------------------

struct VendorHint {
  std::string_view vendor, prefix, domain;
  std::string_view base_url = {};  // under openai
  std::string_view protocol = "openai";
  std::string_view other_domain = {};
};

constexpr auto vendor_hints = std::to_array<VendorHint>({
    {"OpenRouter", "sk-or-", "openrouter.ai", "https://openrouter.ai/api/v1"},
    {"Anthropic", "sk-ant-", "anthropic.com", "https://api.anthropic.com", "anthropic"},
    {"Google", "AIza", "googleapis.com", "https://generativelanguage.googleapis.com", "gemini"},
    {"OpenAI", "sk-proj-", "openai.com", "https://api.openai.com/v1"},
    {"OpenAI", "sk-svcacct-", "openai.com", "https://api.openai.com/v1"},
    {"xAI", "xai-", "x.ai", "https://api.x.ai/v1"},
    {"Groq", "gsk_", "groq.com", "https://api.groq.com/openai/v1"},
    {"Fireworks AI", "fw_", "fireworks.ai", "https://api.fireworks.ai/inference/v1"},
    {"Perplexity", "pplx-", "perplexity.ai", "https://api.perplexity.ai"},
    {"NVIDIA", "nvapi-", "nvidia.com", "https://integrate.api.nvidia.com/v1"},
    {"Hugging Face", "hf_", "huggingface.co", "https://router.huggingface.co/v1"},
    {"Alibaba Cloud Coding Plan", "sk-sp-", "aliyuncs.com"},
    {"Kimi Code", "sk-kimi-", "kimi.com", "https://api.kimi.com/coding/v1"},
    {"MiniMax's Coding Plan", "sk-cp-", "minimax.io", {}, "openai", "minimaxi.com"},
    {"ModelScope", "ms-", "modelscope.cn", "https://api-inference.modelscope.cn/v1"},
    {"Cerebras", "csk-", "cerebras.ai", "https://api.cerebras.ai/v1"},
    {.vendor = "Together",
     .prefix = "tgp_v1_",
     .domain = "together.xyz",
     .base_url = "https://api.together.xyz/v1",
     .other_domain = "together.ai"},
    {"Replicate", "r8_", "replicate.com"},
    {"Baidu Qianfan", "bce-v3/", "baidubce.com", "https://qianfan.baidubce.com/v2"},
    {"GitHub", "ghp_", "github.ai"},
    {"GitHub", "gho_", "github.ai"},
    {"GitHub", "github_pat_", "github.ai"},
    {"GitLab", "glpat-", "gitlab.com"},
});
// 32 hexadecimal digits, a dot and a secret: no prefix, but no other vendor's keys look so.
constexpr VendorHint zai_hint{"Z.AI",   "",           "z.ai", "https://api.z.ai/api/paas/v4",
                              "openai", "bigmodel.cn"};

bool looks_like_zai(std::string_view key) {
  constexpr std::size_t id_bytes = 32, secret_bytes = 16;
  return key.size() == id_bytes + 1 + secret_bytes && key[id_bytes] == '.' &&
         std::ranges::all_of(key.substr(0, id_bytes),
                             [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }) &&
         std::ranges::all_of(key.substr(id_bytes + 1), is_alphanumeric);
}

const VendorHint* hint_of(std::string_view key) {
  if (looks_like_zai(key)) return &zai_hint;
  const auto hint = std::ranges::find_if(
      vendor_hints, [&](const VendorHint& row) { return key.starts_with(row.prefix); });
  return hint == vendor_hints.end() ? nullptr : &*hint;
}

// Hosts that are a vendor's own, besides those of the hints: what is none of them may be a gateway.
constexpr auto vendor_domains = std::to_array<std::string_view>({"aliyuncs.com",
                                                                 "deepseek.com",
                                                                 "z.ai",
                                                                 "bigmodel.cn",
                                                                 "moonshot.ai",
                                                                 "moonshot.cn",
                                                                 "minimax.io",
                                                                 "minimaxi.com",
                                                                 "modelscope.cn",
                                                                 "mistral.ai",
                                                                 "cerebras.ai",
                                                                 "together.xyz",
                                                                 "together.ai",
                                                                 "siliconflow.cn",
                                                                 "siliconflow.com",
                                                                 "volces.com",
                                                                 "kimi.com",
                                                                 "stepfun.com",
                                                                 "hunyuan.cloud.tencent.com",
                                                                 "baichuan-ai.com",
                                                                 "xiaomimimo.com"});

bool is_at(std::string_view host, std::string_view domain) {
  return host == domain || (host.ends_with(domain) && host.size() > domain.size() &&
                            host[host.size() - domain.size() - 1] == '.');
}

bool is_vendor_host(std::string_view host) {
  const auto of_hint = [&](const VendorHint& hint) { return is_at(host, hint.domain); };
  const auto of_domain = [&](std::string_view domain) { return is_at(host, domain); };
  return std::ranges::any_of(vendor_hints, of_hint) ||
         std::ranges::any_of(vendor_domains, of_domain);
}

bool is_moonshot(std::string_view host) {
  return is_at(host, "moonshot.cn") || is_at(host, "moonshot.ai");
}

void offer_base_url(Finding& finding, DoctorCase& doctor, const SentKey& key,
                    std::string_view base_url, const std::string& title) {
  if (!key.entry || base_url.empty()) return;
  const auto place = doctor.place_of(*key.entry);
  const std::string raw = DoctorCase::raw_text(place, "baseUrl");
  if (!place.file || raw.empty() || raw != key.entry->base_url) return;
  Path path = place.path;
  path.emplace_back("baseUrl");
  std::vector<MemberEdit> edits{{std::move(path), Json(base_url), Json(raw)}};
  const Path selected{"model", "baseUrl"};
  if (place.file->document->string_at(selected) == raw)
    edits.push_back({selected, Json(base_url), Json(raw)});
  doctor.offer_edits(finding, FixKind::ask, title, key.entry->scope, std::move(edits));
}

void examine_vendor(DoctorCase& doctor, const SentKey& key) {
  const std::string host = parse_url(key.base_url).host;
  const VendorHint* hint = hint_of(key.value);
  if (!hint || is_at(host, hint->domain) || !is_vendor_host(host)) return;
  if (!hint->other_domain.empty() && is_at(host, hint->other_domain)) return;
  if (is_moonshot(host) && hint->domain == "kimi.com") return;  // of the same company: K201
  Finding& finding =
      tell_of_key(doctor, key, "K207",
                  (hint->prefix.empty()
                       ? std::string("The key has the shape of keys of ")
                       : "The key begins with " + std::string(hint->prefix) + ", as keys of ") +
                      std::string(hint->vendor) + (hint->prefix.empty() ? "" : " do") +
                      ", and is sent to " + host + ".");
  finding.evidence.push_back("POST " + probe_url(key.protocol, key.base_url, key.model));
  if (hint->protocol == key.protocol)
    offer_base_url(
        finding, doctor, key, hint->base_url,
        "Send it to " + std::string(hint->vendor) + " (" + std::string(hint->base_url) + ")");
}

enum class AlibabaPlan { none, standard, coding, token };

AlibabaPlan alibaba_plan(std::string_view host) {
  if (!is_at(host, "aliyuncs.com")) return AlibabaPlan::none;
  if (host.starts_with("token-plan.")) return AlibabaPlan::token;
  if (host.starts_with("coding.") || host.starts_with("coding-intl.")) return AlibabaPlan::coding;
  return host.find("dashscope") != std::string_view::npos ? AlibabaPlan::standard
                                                          : AlibabaPlan::none;
}

void examine_plan(DoctorCase& doctor, const SentKey& key) {
  const std::string host = parse_url(key.base_url).host;
  const AlibabaPlan plan = alibaba_plan(host);
  const bool is_coding_key = key.value.starts_with("sk-sp-");
  const bool is_plain_key = key.value.starts_with("sk-") && !is_coding_key;
  const bool is_china = host == "dashscope.aliyuncs.com" || host.starts_with("coding.");
  std::string message, base_url, title;
  if (plan == AlibabaPlan::standard && is_coding_key) {
    message = "The key looks like one of the Coding Plan (sk-sp-), and " + host +
              " is the pay-as-you-go endpoint.";
    base_url = is_china ? "https://coding.dashscope.aliyuncs.com/v1"
                        : "https://coding-intl.dashscope.aliyuncs.com/v1";
    title = "Use the endpoint of the Coding Plan";
  } else if (plan == AlibabaPlan::coding && is_plain_key) {
    message =
        "The key does not look like one of the Coding Plan, whose keys begin with sk-sp-, and " +
        host + " is the Coding Plan's endpoint.";
    base_url = is_china ? "https://dashscope.aliyuncs.com/compatible-mode/v1"
                        : "https://dashscope-intl.aliyuncs.com/compatible-mode/v1";
    title = "Use the pay-as-you-go endpoint";
  } else {
    return;
  }
  // Each of these hosts speaks Anthropic's protocol as well, at a path of its own.
  if (key.protocol == "anthropic")
    base_url = "https://" + parse_url(base_url).host + "/apps/anthropic";
  Finding& finding = tell_of_key(doctor, key, "K201", std::move(message));
  // A prefix is a hint with an expiry date; only an answer proves it.
  finding.severity = Severity::warning;
  finding.evidence.push_back("POST " + probe_url(key.protocol, key.base_url, key.model));
  offer_base_url(finding, doctor, key, base_url, title + " (" + base_url + ")");
}

// Kimi Code, which is a membership, and the open platform have keys and endpoints of their own.
void examine_plan_of_kimi(DoctorCase& doctor, const SentKey& key) {
  const Url url = parse_url(key.base_url);
  const bool is_membership = key.value.starts_with("sk-kimi-");
  const bool is_open = key.value.starts_with("sk-") && !is_membership && !hint_of(key.value);
  const bool is_wrong_there = url.host == "api.kimi.com" && is_open;
  const bool is_wrong_here = is_moonshot(url.host) && is_membership;
  if (!is_wrong_here && !is_wrong_there) return;
  Finding& finding = tell_of_key(
      doctor, key, "K201",
      is_wrong_here
          ? "The key begins with sk-kimi-, as keys of a Kimi Code membership do, and " + url.host +
                " is the pay-as-you-go platform."
          : "The key does not begin with sk-kimi-, as keys of Kimi Code do, and " + url.host +
                " is the membership's endpoint; keys of the open platform are for api.moonshot.cn "
                "or api.moonshot.ai.");
  finding.severity = Severity::warning;
  finding.evidence.push_back("POST " + probe_url(key.protocol, key.base_url, key.model));
  const std::string base_url = key.protocol == "anthropic" ? "https://api.kimi.com/coding"
                                                           : "https://api.kimi.com/coding/v1";
  if (is_wrong_here)
    offer_base_url(finding, doctor, key, base_url,
                   "Use the endpoint of Kimi Code (" + base_url + ")");
}

}  // namespace

void examine_keys(DoctorCase& doctor) {
  examine_env_key_members(doctor);
  for (const SentKey& key : sent_keys(doctor)) {
    if (is_placeholder(key.value)) continue;  // E109
    examine_shape(doctor, key);
    examine_characters(doctor, key);
    examine_vendor(doctor, key);
    examine_plan(doctor, key);
    examine_plan_of_kimi(doctor, key);
  }
}

}  // namespace authd::core
