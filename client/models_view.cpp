#include "client/models_view.hpp"

#include <algorithm>

#include "client/characters.hpp"
#include "client/members.hpp"
#include "client/words.hpp"

namespace authd::client {
namespace {

// Entries under a name that Qwen Code does not know have no protocol.
std::string protocol_of(const Json& model) {
  const std::string protocol = shown(model, "protocol");
  return protocol.empty() ? shown(model, "provider") : protocol;
}

std::string heading_of(const Json& model) {
  const std::string url = shown(model, "baseUrl");
  const std::string scope = shown(model, "scope");
  return (url.empty() ? "no base URL" : url) + (scope.empty() ? "" : " · " + scope + " settings");
}

std::vector<Line> model_lines(const Json& model, std::size_t columns) {
  const bool fatal = flag_member(model, "fatal"), usable = flag_member(model, "usable");
  const bool selected = flag_member(model, "selected");
  const std::string id = shown(model, "id"), name = shown(model, "name");
  const std::string reason = shown(model, "reason");
  std::string title = id.empty() ? "(no id)" : id;
  if (!name.empty() && name != id) title += "  " + name;
  const Tone tone = fatal      ? Tone::bad
                    : !usable  ? Tone::faint
                    : selected ? Tone::chosen
                               : Tone::plain;
  const char* mark = fatal ? "✗ " : !usable ? "– " : selected ? "◉ " : "○ ";
  std::vector<Line> lines =
      wrapped_after(line(std::string("    ") + mark, tone), title, columns, tone);
  const std::string lead = fatal                             ? "Qwen Code fails on it: "
                           : !usable                         ? "skipped: "
                           : flag_member(model, "duplicate") ? "duplicate: "
                                                             : "";
  if (!reason.empty() || !lead.empty())
    append(lines, wrapped_after(line("      "), lead + reason, columns,
                                fatal ? Tone::bad : Tone::warning));
  return lines;
}

// The models of one protocol, those of one endpoint and key together.
std::vector<Line> protocol_lines(const std::vector<const Json*>& models, std::size_t columns) {
  std::vector<std::vector<const Json*>> groups;
  const auto same_place = [](const Json& one, const Json& other) {
    return heading_of(one) == heading_of(other) && key_of(one) == key_of(other);
  };
  for (const Json* model : models) {
    const auto found = std::ranges::find_if(
        groups, [&](const auto& group) { return same_place(*group.front(), *model); });
    if (found == groups.end())
      groups.push_back({model});
    else
      found->push_back(model);
  }
  std::vector<Line> lines;
  for (const auto& group : groups) {
    const Json& first = *group.front();
    const bool missing = text_member(first, "keyState") == "missing";
    append(lines, wrapped_after(line("  "), heading_of(first), columns));
    append(lines, wrapped_after(line("  "), key_of(first), columns,
                                missing ? Tone::warning : Tone::faint));
    for (const Json* model : group) append(lines, model_lines(*model, columns));
  }
  return lines;
}

}  // namespace

std::string endpoint_of(const Json& model) {
  const std::string url = shown(model, "baseUrl");
  return protocol_of(model) + " · " + (url.empty() ? "no base URL" : url);
}

std::string key_of(const Json& model) {
  const std::string state = text_member(model, "keyState"), name = shown(model, "envKey");
  if (state == "not-needed") return "no key needed";
  if (state == "missing")
    return name.empty() ? "key missing" : "key missing: " + name + " has no value";
  const std::string masked = shown(model, "keyMasked");
  const std::string where = shown(member(model, "keySource"), "where");
  std::vector<std::string> parts;
  if (!name.empty()) parts.push_back(name);
  if (!where.empty()) parts.push_back("from " + where);
  return "key " + (masked.empty() ? "set" : masked) +
         (parts.empty() ? "" : " (" + joined(parts, ", ") + ")");
}

std::vector<Line> models_lines(const Json& result, std::size_t columns) {
  const Json& models = list_member(result, "models");
  if (models.empty()) return {line("No models are configured. `qwen-authctl` sets some up.")};
  std::vector<std::string> protocols;
  for (const Json& model : models)
    if (std::ranges::find(protocols, protocol_of(model)) == protocols.end())
      protocols.push_back(protocol_of(model));
  std::vector<Line> lines;
  for (const std::string& protocol : protocols) {
    std::vector<const Json*> of_protocol;
    for (const Json& model : models)
      if (protocol_of(model) == protocol) of_protocol.push_back(&model);
    lines.push_back(line(protocol, Tone::strong));
    append(lines, protocol_lines(of_protocol, columns));
  }
  return lines;
}

}  // namespace authd::client
