#include "transcript.hpp"

#include <sstream>

namespace authd::tests {
namespace {

constexpr const char* any_more = "…";

bool is_name(const std::string& text) {
  if (text.empty()) return false;
  for (const char c : text)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) return false;
  return true;
}

std::string plain(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

std::string unequal(const std::string& path, const std::string& expected, const std::string& received) {
  return (path.empty() ? "the message" : path) + ": expected " + expected + ", received " + received;
}

}  // namespace

std::vector<Transcript> read_transcripts(const std::string& markdown) {
  std::vector<Transcript> transcripts;
  std::string heading;
  bool is_inside = false;
  int number = 0;
  std::istringstream lines(markdown);
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (!is_inside && line.starts_with("#")) heading = line.substr(line.find_first_not_of("# "));
    if (line.starts_with("```")) {
      is_inside = line == "```jsonrpc";
      if (is_inside) transcripts.push_back({heading, {}});
      continue;
    }
    if (!is_inside) continue;
    auto& messages = transcripts.back().lines;
    if (line.starts_with("--> ") || line.starts_with("<-- "))
      messages.push_back({line.starts_with("-->"), false, line.substr(4), number});
    else if (line.starts_with("$ "))
      messages.push_back({false, true, line.substr(2), number});
    else if (!messages.empty())
      messages.back().text += line.substr(std::min(line.find_first_not_of(' '), line.size()));
  }
  return transcripts;
}

std::string Placeholders::filled(const std::string& text) const {
  std::string out = text;
  for (const auto& [name, value] : values_) {
    const std::string placeholder = "<" + name + ">";
    for (std::size_t at = out.find(placeholder); at != std::string::npos; at = out.find(placeholder, at + value.size()))
      out.replace(at, placeholder.size(), value);
  }
  return out;
}

std::string Placeholders::difference_of_text(const std::string& expected, const Json& received, const std::string& path) {
  const std::string pattern = filled(expected), text = plain(received);
  if (pattern == text && (received.is_string() || pattern != expected)) return {};
  const std::size_t begin = pattern.find('<'), end = pattern.find('>', begin);
  const bool is_pattern = end != std::string::npos && is_name(pattern.substr(begin + 1, end - begin - 1));
  if (!is_pattern) return unequal(path, pattern, received.dump());
  const std::string head = pattern.substr(0, begin), tail = pattern.substr(end + 1);
  const bool is_whole = head.empty() && tail.empty();
  const bool fits = text.size() > head.size() + tail.size() && text.starts_with(head) && text.ends_with(tail);
  if (!fits || (!is_whole && !received.is_string())) return unequal(path, pattern, received.dump());
  bind(pattern.substr(begin + 1, end - begin - 1), text.substr(head.size(), text.size() - head.size() - tail.size()));
  return {};
}

std::string Placeholders::difference(const Json& expected, const Json& received, const std::string& path) {
  if (expected.is_string()) return difference_of_text(expected.get<std::string>(), received, path);
  if (expected.type_name() != std::string(received.type_name())) return unequal(path, expected.dump(), received.dump());
  if (expected.is_object()) {
    std::size_t named = 0;
    for (const auto& [name, value] : expected.items()) {
      if (name == any_more) continue;
      ++named;
      const std::string real_name = filled(name);
      if (!received.contains(real_name)) return unequal(path, "a member " + real_name, received.dump());
      if (auto found = difference(value, received[real_name], path + "/" + real_name); !found.empty()) return found;
    }
    if (named != received.size() && !expected.contains(any_more)) return unequal(path, expected.dump(), received.dump());
    return {};
  }
  if (expected.is_array()) {
    const bool is_open = !expected.empty() && expected.back() == any_more;
    const std::size_t size = expected.size() - (is_open ? 1 : 0);
    if (received.size() < size || (received.size() > size && !is_open)) return unequal(path, expected.dump(), received.dump());
    for (std::size_t i = 0; i < size; ++i)
      if (auto found = difference(expected[i], received[i], path + "/" + std::to_string(i)); !found.empty()) return found;
    return {};
  }
  return expected == received ? "" : unequal(path, expected.dump(), received.dump());
}

}  // namespace authd::tests
