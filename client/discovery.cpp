#include "client/discovery.hpp"

#include <algorithm>

#include "client/answers.hpp"
#include "client/characters.hpp"
#include "client/members.hpp"
#include "client/words.hpp"

namespace authd::client {
namespace {

// "Qwen3 Coder · context 262144", as far as the endpoint says more than the ID.
std::string description_of(const Json& model) {
  std::vector<std::string> parts;
  const std::string name = shown(model, "name");
  if (!name.empty() && name != shown(model, "id")) parts.push_back(name);
  if (const std::size_t context = count_member(model, "contextWindow"); context > 0)
    parts.push_back("context " + std::to_string(context));
  return joined(parts, " · ");
}

}  // namespace

bool asks_for_models(const Json& step) { return question_of(step) == Question::models; }

std::vector<std::string> model_ids(const std::string& text) {
  constexpr std::string_view blanks = " \t";
  std::vector<std::string> ids;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    std::string id = text.substr(at, end - at);
    id.erase(0, std::min(id.find_first_not_of(blanks), id.size()));
    id.erase(id.find_last_not_of(blanks) + 1);
    if (!id.empty()) ids.push_back(std::move(id));
    at = end + 1;
  }
  return ids;
}

Json discovered_step(const Json& found, const std::string& typed) {
  const std::vector<std::string> marked = model_ids(typed);
  Json options = Json::array();
  std::vector<std::string> listed;
  for (const Json& model : list_member(found, "models")) {
    const std::string id = text_member(model, "id");
    if (id.empty()) continue;
    listed.push_back(id);
    options.push_back({{"value", id}, {"label", id}, {"description", description_of(model)}});
  }
  for (const std::string& id : marked)
    if (std::ranges::find(listed, id) == listed.end())
      options.push_back({{"value", id}, {"label", id}, {"description", "not in the list"}});
  return {{"kind", "select"},
          {"multiple", true},
          {"title", "Models of this endpoint"},
          {"options", std::move(options)},
          {"marked", marked},
          {"hint", "Space marks, Enter takes, Esc goes back"}};
}

std::string discovery_failure(const Json& found) {
  const std::string message = text_member(found, "message"), url = text_member(found, "url");
  if (message.empty()) return "The endpoint lists no models.";
  // Of a host that answers, the message says more than where it is.
  const bool is_unreachable = text_member(found, "status") == "unreachable" && !url.empty();
  return is_unreachable ? url + ": " + message : message;
}

std::vector<Line> discovered_lines(const Json& found, std::size_t columns) {
  const Json& models = list_member(found, "models");
  std::size_t widest = 0;
  for (const Json& model : models) widest = std::max(widest, columns_of(shown(model, "id")));
  std::vector<Line> lines;
  for (const Json& model : models) {
    const std::string id = shown(model, "id"), more = description_of(model);
    if (more.empty()) {
      lines.push_back(line(id));
      continue;
    }
    const std::string gap(widest - columns_of(id) + 2, ' ');
    append(lines, wrapped_after(line(id + gap), more, columns, Tone::faint));
  }
  return lines;
}

}  // namespace authd::client
