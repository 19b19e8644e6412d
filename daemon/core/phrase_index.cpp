#include "daemon/core/phrase_index.hpp"

#include "daemon/core/text.hpp"

namespace authd::core {
namespace {

bool has_part_at(std::string_view text, std::string_view part, std::size_t at) {
  if (at + part.size() > text.size()) return false;
  for (std::size_t i = 0; i < part.size(); ++i)
    if (text[at + i] != part[i] && !(text[at + i] == '\n' && part[i] == ' ')) return false;
  return true;
}

// Whether a sentence or a member of JSON ends at `at`.
bool ends_sentence(std::string_view text, std::size_t at) {
  const char next = at + 1 < text.size() ? text[at + 1] : '\0';
  if (text[at] == '.') return next == ' ' || next == '\n';
  if (text[at] == '"') return (next == ',' || next == ':' || next == '}') && text[at - 1] != '\\';
  return text[at] == ';' || text.substr(at).starts_with("。");
}

std::size_t place_in_sentence(std::string_view text, std::string_view part, std::size_t from) {
  constexpr std::size_t reach = 48;
  for (std::size_t at = from; at < text.size() && at - from <= reach; ++at) {
    const char c = text[at] == '\n' ? ' ' : text[at];
    if (c == part.front() && has_part_at(text, part, at)) return at;
    const bool may_end = c == '.' || c == '"' || c == ';' || static_cast<unsigned char>(c) == 0xE3;
    if (may_end && ends_sentence(text, at)) break;
  }
  return std::string::npos;
}

}  // namespace

void PhraseIndex::add(std::string_view phrase, std::uint16_t id) {
  const bool is_word = phrase.starts_with('=');
  if (is_word) phrase.remove_prefix(1);
  if (phrase.size() < prefix_bytes) return;
  std::uint32_t& head = heads_[bucket_of(phrase, 0)];
  phrases_.push_back({phrase, id, is_word, head});
  head = static_cast<std::uint32_t>(phrases_.size());
}

std::size_t PhraseIndex::size_at(const Phrase& phrase, std::string_view text, std::size_t at) {
  std::string_view rest = phrase.text;
  std::size_t end = at;
  for (bool is_first = true;; is_first = false) {
    const std::string_view part = rest.substr(0, rest.find('*'));
    const std::size_t begin = is_first ? (has_part_at(text, part, end) ? end : std::string::npos)
                                       : place_in_sentence(text, part, end);
    if (begin == std::string::npos) return 0;
    end = begin + part.size();
    if (part.size() == rest.size()) break;
    rest.remove_prefix(part.size() + 1);
  }
  if (!phrase.is_word) return end - at;
  return (at == 0 || !is_word_character(text[at - 1])) &&
                 (end == text.size() || !is_word_character(text[end]))
             ? end - at
             : 0;
}

}  // namespace authd::core
