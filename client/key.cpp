#include "client/key.hpp"

#include "client/characters.hpp"
#include "protocol/secret.hpp"

namespace authd::client {
namespace {

constexpr std::string_view paste_begins = "\x1b[200~";
constexpr std::string_view paste_ends = "\x1b[201~";
constexpr std::size_t sequence_bytes_max = 32;

std::optional<Key::Kind> key_of_final(char final) {
  switch (final) {
    case 'A': return Key::Kind::up;
    case 'B': return Key::Kind::down;
    case 'C': return Key::Kind::right;
    case 'D': return Key::Kind::left;
    case 'H': return Key::Kind::home;
    case 'F': return Key::Kind::end;
    default: return std::nullopt;
  }
}

// The number before `~`, as in ESC [ 3 ~.
std::optional<Key::Kind> key_of_number(std::string_view number) {
  if (number == "1" || number == "7") return Key::Kind::home;
  if (number == "4" || number == "8") return Key::Kind::end;
  if (number == "3") return Key::Kind::erase;
  if (number == "5") return Key::Kind::page_up;
  if (number == "6") return Key::Kind::page_down;
  return std::nullopt;
}

Key key_of_control(char byte) {
  switch (byte) {
    case '\r':
    case '\n': return {Key::Kind::enter};
    case '\t': return {Key::Kind::tab};
    case '\b':
    case 0x7F: return {Key::Kind::backspace};
    default: return {Key::Kind::control, {}, static_cast<char>(byte + 'a' - 1)};
  }
}

}  // namespace

KeyDecoder::~KeyDecoder() { wipe(buffer_); }

void KeyDecoder::feed(std::string_view bytes) {
  buffer_ += bytes;
  while (!buffer_.empty() && decode_one()) {
  }
}

void KeyDecoder::pause() {
  if (!waits_for_more()) return;
  if (buffer_ == "\x1b") keys_.push_back({Key::Kind::escape});
  buffer_.clear();  // else a sequence or a character that was cut off
}

std::optional<Key> KeyDecoder::take() {
  if (keys_.empty()) return std::nullopt;
  Key key = std::move(keys_.front());
  keys_.pop_front();
  return key;
}

bool KeyDecoder::decode_one() {
  if (pasting_) return decode_paste();
  const auto first = static_cast<unsigned char>(buffer_[0]);
  if (first == 0x1B) return decode_escape();
  if (first < 0x20 || first == 0x7F) {
    if (first != 0) keys_.push_back(key_of_control(buffer_[0]));
    buffer_.erase(0, 1);
    return true;
  }
  const bool starts_sequence = first >= 0xC2 && first <= 0xF4;
  const std::size_t expected = !starts_sequence ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (buffer_.size() < expected) return false;
  const Character character = first_character(buffer_);
  if (character.code != 0xFFFD)  // bytes that are not UTF-8 are no key
    keys_.push_back({Key::Kind::character, buffer_.substr(0, character.bytes)});
  buffer_.erase(0, character.bytes);
  return true;
}

bool KeyDecoder::decode_escape() {
  if (buffer_.size() == 1) return false;
  if (buffer_.starts_with(paste_begins)) {
    buffer_.erase(0, paste_begins.size());
    pasting_ = true;
    return true;
  }
  const char second = buffer_[1];
  if (second == 0x1B) {  // Esc twice
    keys_.push_back({Key::Kind::escape});
    buffer_.erase(0, 1);
    return true;
  }
  if (second != '[' && second != 'O') {  // Alt with a key: not used here
    buffer_.erase(0, 1 + first_character(std::string_view(buffer_).substr(1)).bytes);
    return true;
  }
  std::size_t at = 2;
  while (at < buffer_.size() && buffer_[at] >= 0x20 && buffer_[at] < 0x40) ++at;
  if (at == buffer_.size()) {
    if (at > sequence_bytes_max) buffer_.clear();
    return false;
  }
  const std::string_view arguments = std::string_view(buffer_).substr(2, at - 2);
  const auto kind = buffer_[at] == '~' ? key_of_number(arguments.substr(0, arguments.find(';')))
                                       : key_of_final(buffer_[at]);
  if (kind) keys_.push_back({*kind});
  buffer_.erase(0, at + 1);
  return true;
}

bool KeyDecoder::decode_paste() {
  const std::size_t end = buffer_.find(paste_ends);
  if (end == std::string::npos) return false;
  keys_.push_back({Key::Kind::paste, buffer_.substr(0, end)});
  std::string rest = buffer_.substr(end + paste_ends.size());
  wipe(buffer_);
  buffer_ = std::move(rest);
  pasting_ = false;
  return true;
}

}  // namespace authd::client
