#include "client/line_editor.hpp"

#include "client/characters.hpp"
#include "protocol/secret.hpp"

namespace authd::client {
namespace {

constexpr std::size_t shown_characters = 3;
constexpr std::size_t characters_min = 12;

}  // namespace

LineEditor::LineEditor(std::string_view text) { assign(text); }

LineEditor::~LineEditor() { wipe(text_); }

void LineEditor::assign(std::string_view text) {
  wipe(text_);
  cursor_ = 0;
  insert(text);
}

void LineEditor::insert(std::string_view text) {
  std::string grown;
  grown.reserve(text_.size() + text.size() + 64);
  grown.append(text_, 0, cursor_).append(text).append(text_, cursor_);
  text_.swap(grown);
  wipe(grown);
  cursor_ += text.size();
}

void LineEditor::erase(std::size_t from, std::size_t to) {
  text_.erase(from, to - from);
  cursor_ = from;
}

std::size_t LineEditor::word_before() const {
  std::size_t at = cursor_;
  while (at > 0 && text_[at - 1] == ' ') --at;
  while (at > 0 && text_[at - 1] != ' ') --at;
  return at;
}

bool LineEditor::handle(const Key& key) {
  switch (key.kind) {
    case Key::Kind::character: insert(key.text); return true;
    case Key::Kind::paste: insert(pasted_line(key.text)); return true;
    case Key::Kind::left: cursor_ = character_before(text_, cursor_); return true;
    case Key::Kind::right: cursor_ = character_after(text_, cursor_); return true;
    case Key::Kind::home: cursor_ = 0; return true;
    case Key::Kind::end: cursor_ = text_.size(); return true;
    case Key::Kind::backspace: erase(character_before(text_, cursor_), cursor_); return true;
    case Key::Kind::erase: erase(cursor_, character_after(text_, cursor_)); return true;
    case Key::Kind::control: break;
    default: return false;
  }
  switch (key.letter) {
    case 'a': cursor_ = 0; return true;
    case 'e': cursor_ = text_.size(); return true;
    case 'b': cursor_ = character_before(text_, cursor_); return true;
    case 'f': cursor_ = character_after(text_, cursor_); return true;
    case 'u': erase(0, cursor_); return true;
    case 'k': text_.erase(cursor_); return true;
    case 'w': erase(word_before(), cursor_); return true;
    default: return false;
  }
}

std::string masked_while_typed(std::string_view text) {
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size(); ++characters)
    at += first_character(text.substr(at)).bytes;
  std::string masked;
  const std::size_t shown = characters >= characters_min ? shown_characters : 0;
  std::size_t at = 0;
  for (std::size_t i = 0; i < characters; ++i) {
    const std::size_t bytes = first_character(text.substr(at)).bytes;
    masked += i < shown ? text.substr(at, bytes) : std::string_view("•");
    at += bytes;
  }
  return masked;
}

std::string pasted_line(std::string_view text) {
  const auto is_break = [](char c) { return c == '\n' || c == '\r'; };
  while (!text.empty() && is_break(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_break(text.back())) text.remove_suffix(1);
  std::string one_line;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_break(text[i]) && is_break(text[i + 1])) continue;
    const bool is_control = static_cast<unsigned char>(text[i]) < 0x20 || text[i] == 0x7F;
    if (is_break(text[i]) || text[i] == '\t')
      one_line += ' ';
    else if (!is_control)
      one_line += text[i];
  }
  return one_line;
}

}  // namespace authd::client
