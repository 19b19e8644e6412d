// Many phrases looked for in one pass over a text.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace authd::core {

class PhraseIndex {
 public:
  PhraseIndex() : heads_(buckets) {}

  // In lower case, of three bytes or more, and outliving the index. One that begins with = counts
  // only as a word of its own ("=1113" is not in 1741113600). A blank stands for a line break, too,
  // and * for some words of the same sentence ("model *not found"), with three bytes or more
  // before.
  void add(std::string_view phrase, std::uint16_t id);

  // Calls found(id, at, size) for each occurrence, in the order of the text, which is in lower
  // case. Linear in the text.
  template <class Found>
  void search(std::string_view text, Found&& found) const {
    for (std::size_t at = 0; at + prefix_bytes <= text.size(); ++at)
      for (std::uint32_t next = heads_[bucket_of(text, at)]; next != 0;
           next = phrases_[next - 1].next)
        if (const std::size_t size = size_at(phrases_[next - 1], text, at); size != 0)
          found(phrases_[next - 1].id, at, size);
  }

 private:
  struct Phrase {
    std::string_view text;
    std::uint16_t id;
    bool is_word;
    std::uint32_t next;  // in the bucket, counted from 1; 0 = the last
  };
  static constexpr std::size_t prefix_bytes = 3, buckets = 8192;

  static std::size_t bucket_of(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) -> std::size_t {
      const char c = text[at + i];
      return static_cast<unsigned char>(c == '\n' ? ' ' : c);
    };
    return (byte(0) * 31U * 31U + byte(1) * 31U + byte(2)) % buckets;
  }
  // Of the words in the text that a phrase stands for; 0 where it does not stand there.
  static std::size_t size_at(const Phrase& phrase, std::string_view text, std::size_t at);

  std::vector<std::uint32_t> heads_;
  std::vector<Phrase> phrases_;
};

}  // namespace authd::core
