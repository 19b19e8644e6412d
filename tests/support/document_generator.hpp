// JSONC documents out of a string of bytes: every byte is one decision, and a shorter string is a
// simpler document, so that rapidcheck can shrink what it finds and a fuzzer can steer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/json.hpp"

namespace authd::test {

class Tape {
 public:
  explicit Tape(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}
  // 0 … n - 1; 0 when the tape is at its end.
  std::size_t below(std::size_t n) { return at_ < bytes_.size() ? bytes_[at_++] % n : 0; }
  bool yes() { return below(2) == 1; }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

inline std::string odd_string(Tape& tape) {
  static const std::vector<std::string> parts{
      "a", "b", "key", "x/y", "", " ", "\"", "\\", "\n", "\t", "é", "😀", "//", "/*", "*/", ",", "]}", "\x7f", "$HOME", "\u2028",
  };
  std::string text;
  for (std::size_t count = 1 + tape.below(3); count > 0; --count) text += parts[tape.below(parts.size())];
  return text;
}

// What may stand for a value, without containers.
inline OrderedJson scalar(Tape& tape) {
  switch (tape.below(6)) {
    case 0: return static_cast<int>(tape.below(100));
    case 1: return odd_string(tape);
    case 2: return true;
    case 3: return nullptr;
    case 4: return -12.5e-3;
    default: return 18446744073709551615ULL;
  }
}

inline OrderedJson any_value(Tape& tape, int depth = 3) {
  const std::size_t choice = depth > 0 ? tape.below(6) : 0;
  if (choice < 3) return scalar(tape);
  OrderedJson value = choice == 5 ? OrderedJson::array() : OrderedJson::object();
  for (std::size_t count = tape.below(4); count > 0; --count) {
    if (value.is_array())
      value.push_back(any_value(tape, depth - 1));
    else
      value[odd_string(tape)] = any_value(tape, depth - 1);
  }
  return value;
}

// How a document is written. `chaos` puts any white space and comment between any two tokens;
// otherwise it looks as a person's editor leaves it, with comments above and behind.
struct Writing {
  bool chaos = false;
  std::string unit = "  ", line_break = "\n";
  bool single_line = false, comments = false;

  static Writing of(Tape& tape) {
    static const std::vector<std::string> units{"  ", "    ", "\t", " ", ""};
    Writing writing;
    writing.chaos = tape.below(3) == 1;
    writing.unit = units[tape.below(units.size())];
    writing.line_break = tape.below(3) == 1 ? "\r\n" : "\n";
    writing.single_line = tape.below(4) == 1;
    writing.comments = tape.yes();
    return writing;
  }
};

// Writes a value; comments are numbered, "#12#", so that a test can tell which of them are left.
class DocumentWriter {
 public:
  DocumentWriter(Tape& tape, const Writing& writing) : tape_(tape), writing_(writing) {}

  std::string write(const OrderedJson& value) {
    text_ = tape_.below(8) == 1 ? "\xEF\xBB\xBF" : "";
    gap();
    put(value, 0);
    gap();
    if (!writing_.chaos && tape_.yes()) text_ += writing_.line_break;
    return text_;
  }

 private:
  std::string number() { return "#" + std::to_string(comments_++) + "#"; }

  void gap() {
    if (!writing_.chaos) return;
    for (std::size_t pieces = tape_.below(3); pieces > 0; --pieces) {
      switch (tape_.below(9)) {
        case 0: text_ += " "; break;
        case 1: text_ += writing_.line_break; break;
        case 2: text_ += "\t"; break;
        case 3: text_ += "/*" + number() + "*/"; break;
        case 4: text_ += "// " + number() + ",]}\"" + writing_.line_break; break;
        case 5: text_ += "/* " + number() + writing_.line_break + "// */"; break;
        case 6: text_ += "/*/" + number() + "/*/"; break;
        case 7: text_ += "\r"; break;
        default: text_ += writing_.line_break + "  /* " + number() + " */" + writing_.line_break; break;
      }
    }
  }

  void line(int depth) {
    if (writing_.single_line || writing_.chaos) return;
    text_ += writing_.line_break;
    for (int i = 0; i < depth; ++i) text_ += writing_.unit;
  }

  void literal(const std::string& text) {
    std::string json = OrderedJson(text).dump();
    // The same string in another spelling.
    if (tape_.below(4) == 1 && !text.empty() && text[0] >= 'a' && text[0] <= 'z')
      json = "\"\\u00" + hex(text[0]) + json.substr(2);
    text_ += json;
  }
  static std::string hex(char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    return {digits[static_cast<unsigned char>(c) >> 4U], digits[static_cast<unsigned char>(c) & 15U]};
  }

  void put(const OrderedJson& value, int depth) {
    if (value.is_string()) return literal(value.get<std::string>());
    if (!value.is_structured()) {
      text_ += value.dump();
      return;
    }
    text_ += value.is_array() ? "[" : "{";
    gap();
    std::size_t left = value.size();
    for (const auto& [name, child] : value.items()) {
      const bool pretty = writing_.comments && !writing_.single_line && !writing_.chaos;
      if (pretty && tape_.below(3) == 1) {
        line(depth + 1);
        text_ += "// " + number();
      }
      line(depth + 1);
      if (value.is_object()) {
        literal(name);
        gap();
        text_ += ": ";
        gap();
      }
      put(child, depth + 1);
      gap();
      if (--left > 0) text_ += writing_.single_line ? ", " : ",";
      if (pretty && tape_.below(3) == 1) text_ += " // " + number();
      gap();
    }
    if (!value.empty()) line(depth);
    text_ += value.is_array() ? "]" : "}";
  }

  Tape& tape_;
  const Writing& writing_;
  std::string text_;
  int comments_ = 0;
};

// The comments of a text, in order, and everything else without white space outside strings: what
// two texts can be compared by without any parser of the product.
struct Pieces {
  std::vector<std::string> comments;
  std::vector<std::string> tokens;  // strings, punctuation, and runs of anything else

  explicit Pieces(const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
      const char c = text[at];
      const std::size_t begin = at;
      if (c == '/' && text[at + 1] == '/') {
        at = std::min(text.find('\n', at), text.size());
        comments.push_back(text.substr(begin, at - begin));
        while (comments.back().ends_with('\r')) comments.back().pop_back();
      } else if (c == '/' && text[at + 1] == '*') {
        at = text.find("*/", at + 2) + 2;
        comments.push_back(text.substr(begin, at - begin));
      } else if (c == '"') {
        for (++at; text[at] != '"'; ++at)
          if (text[at] == '\\') ++at;
        tokens.push_back(text.substr(begin, ++at - begin));
      } else if (std::string_view(" \t\r\n").find(c) != std::string_view::npos) {
        ++at;
      } else if (std::string_view("{}[],:").find(c) != std::string_view::npos) {
        tokens.push_back(text.substr(at++, 1));
      } else {
        at = std::min(text.find_first_of(" \t\r\n{}[],:/\"", at), text.size());
        tokens.push_back(text.substr(begin, at - begin));
      }
    }
  }
};

// Whether `part` is in `whole` in this order, perhaps with more in between.
inline bool is_subsequence(const std::vector<std::string>& part, const std::vector<std::string>& whole) {
  std::size_t found = 0;
  for (const std::string& piece : whole)
    if (found < part.size() && part[found] == piece) ++found;
  return found == part.size();
}

}  // namespace authd::test
