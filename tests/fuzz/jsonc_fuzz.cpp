// Documents from anywhere, and edits that the input asks for: what parses stays a document with
// the wanted value, and nothing throws.
//
// Input: edits, one per line ("s path value", "r index", "i value"), an empty line, the document.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <source_location>
#include <string>

#include "daemon/core/jsonc.hpp"
#include "daemon/core/settings.hpp"
#include "daemon/core/text.hpp"

namespace {

using namespace authd;
using core::Jsonc;

void require(bool holds, std::source_location where = std::source_location::current()) {
  if (holds) return;
  std::fprintf(stderr, "the law on line %u does not hold\n", static_cast<unsigned>(where.line()));
  std::abort();
}

// What every document that parsed must be able to do.
Jsonc checked(const Jsonc& document) {
  auto again = Jsonc::parse(document.text());
  require(again.has_value());
  const Json value = document.value(document.root());
  require(dump(again->value(again->root())) == dump(value));
  const std::string masked = core::masked_text(document);
  require(Jsonc::parse(masked).has_value());
  std::size_t lines = 0;
  for (const char c : document.text()) lines += c == '\n';
  for (const char c : masked) lines -= c == '\n';
  require(lines == 0);
  return *std::move(again);
}

bool has_a_number_out_of_range(const Json& value) {
  if (value.is_discarded()) return true;
  if (value.is_structured())
    for (const Json& child : value)
      if (has_a_number_out_of_range(child)) return true;
  return false;
}

OrderedJson value_of(std::string_view text) {
  OrderedJson value = OrderedJson::parse(text, nullptr, false);
  return value.is_discarded() ? OrderedJson(std::string(text)) : value;
}

std::vector<Jsonc::Node> all_below(const Jsonc& document, Jsonc::Node node) {
  std::vector<Jsonc::Node> nodes;
  for (const Jsonc::Node child : document.children(node)) {
    nodes.push_back(child);
    const auto below = all_below(document, child);
    nodes.insert(nodes.end(), below.begin(), below.end());
  }
  return nodes;
}

std::optional<Jsonc> edited(const Jsonc& document, std::string_view line) {
  // What an edit is given came as JSON, so it is UTF-8.
  if (line.size() < 2 || line[1] != ' ' || quote(line).find("\uFFFD") != std::string::npos) return std::nullopt;
  const std::string_view rest = line.substr(2);
  if (line[0] == 's') {
    const auto parts = core::split(rest, ' ');
    std::vector<std::string> path;
    for (const std::string_view name : core::split(parts.front(), '.')) path.emplace_back(name);
    if (path.size() > 8) return std::nullopt;  // a document of more than 64 levels is none
    const OrderedJson value = value_of(parts.size() > 1 ? rest.substr(parts.front().size() + 1) : "");
    auto after = document.set(path, value);
    if (!after) return std::nullopt;
    require(after->value(after->find(path)) == Json::parse(dump(value)));
    auto twice = after->set(path, value);
    require(twice && twice->text() == after->text());
    return *std::move(after);
  }
  const auto nodes = all_below(document, document.root());
  if (nodes.empty()) return std::nullopt;
  std::size_t index = 0;
  for (const char c : rest) index = index * 10 + static_cast<unsigned char>(c);
  const Jsonc::Node node = nodes[index % nodes.size()];
  if (line[0] == 'r') {
    const std::size_t inside = all_below(document, node).size();
    Jsonc after = document.remove(node);
    require(all_below(after, after.root()).size() + inside + 1 == nodes.size());
    return after;
  }
  if (document.kind(node) != Jsonc::Kind::array) return std::nullopt;
  const std::string behind = document.children(node).empty() ? "" : document.text().substr(document.offset(document.children(node).front()));
  Jsonc after = document.insert_first(node, {value_of(rest), nullptr});
  require(after.text().ends_with(behind));
  require(all_below(after, after.root()).size() >= nodes.size() + 2);
  return after;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t blank = input.find("\n\n");
  const std::string_view edits = blank == std::string_view::npos ? std::string_view() : input.substr(0, blank);
  auto parsed = Jsonc::parse(std::string(blank == std::string_view::npos ? input : input.substr(blank + 2)));
  if (!parsed) {
    require(parsed.error().at.line >= 1 && parsed.error().at.column >= 1);
    return 0;
  }
  require(parsed->text().size() <= size);
  if (has_a_number_out_of_range(parsed->value(parsed->root()))) return 0;
  // Edits are made on documents without trailing commas.
  Jsonc document = checked(checked(*parsed).without_trailing_commas());
  require(document.trailing_commas().empty());
  for (const std::string_view line : core::split(edits, '\n')) {
    auto after = edited(document, line);
    if (!after) continue;
    require(after->trailing_commas().empty());
    document = checked(*after);
  }
  return 0;
}
