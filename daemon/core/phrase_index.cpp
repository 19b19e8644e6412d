#include "daemon/core/phrase_index.hpp"

#include "daemon/core/text.hpp"

namespace authd::core {
void PhraseIndex::add(std::string_view phrase, std::uint16_t id) {
  const bool is_word = phrase.starts_with('=');
  if (is_word) phrase.remove_prefix(1);
  if (phrase.size() < prefix_bytes) return;
  std::uint32_t& head = heads_[bucket_of(phrase, 0)];
  phrases_.push_back({phrase, id, is_word, head});
  head = static_cast<std::uint32_t>(phrases_.size());
}

bool PhraseIndex::stands_at(const Phrase& phrase, std::string_view text, std::size_t at) {
  const std::size_t end = at + phrase.text.size();
  if (end > text.size()) return false;
  for (std::size_t i = 0; i < phrase.text.size(); ++i) {
    const char c = text[at + i];
    if (c != phrase.text[i] && !(c == '\n' && phrase.text[i] == ' ')) return false;
  }
  if (!phrase.is_word) return true;
  return (at == 0 || !is_word_character(text[at - 1])) &&
         (end == text.size() || !is_word_character(text[end]));
}

}  // namespace authd::core
