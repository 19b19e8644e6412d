// Jsonc: from text to nodes. Iterative, so that no input can overflow the stack.
#include <algorithm>
#include <array>
#include <cstring>

#include "daemon/core/jsonc.hpp"
#include "daemon/core/text.hpp"
#include "protocol/limits.hpp"

namespace authd::core {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

Position position_in(std::string_view text, std::size_t offset) {
  Position position;
  std::size_t at = text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
  for (; at < std::min(offset, text.size()); ++at) {
    if (text[at] == '\n') {
      ++position.line;
      position.column = 1;
    } else if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80) {
      ++position.column;
    }
  }
  return position;
}

}  // namespace

class Jsonc::Scanner {
 public:
  explicit Scanner(std::string text) : data_(std::make_shared<Data>()) {
    data_->text = std::move(text);
    text_ = data_->text;
    // A guess at the number of values, which spares most of the copying of a growing vector.
    data_->nodes.reserve(text_.size() / 24 + 8);
  }

  std::expected<Jsonc, JsoncError> scan() {
    if (auto ok = within_size(text_); !ok) return std::unexpected(ok.error());
    if (text_.starts_with(byte_order_mark)) at_ = byte_order_mark.size();
    if (!document()) return failed(error_at_, error_);
    return Jsonc(std::move(data_));
  }

 private:
  std::unexpected<JsoncError> failed(std::size_t offset, const std::string& message) const {
    return std::unexpected(JsoncError{offset, position_in(text_, offset), message, cause_});
  }
  bool stop(std::size_t offset, const char* message) {
    error_at_ = offset;
    error_ = message;
    return false;
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool at_end() const { return at_ >= text_.size(); }

  // White space and comments.
  bool trivia() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
        ++at_;
      } else if (c == '/' && at_ + 1 < text_.size() && text_[at_ + 1] == '/') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == '/' && at_ + 1 < text_.size() && text_[at_ + 1] == '*') {
        const std::size_t end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos) return stop(at_, "this comment is never closed");
        at_ = end + 2;
      } else {
        break;
      }
    }
    return true;
  }

  bool document() {
    if (!trivia()) return false;
    if (at_end()) return stop(at_, "the file is empty");
    do {
      if (!(expecting_key_ ? member_name() && value() : value())) return false;
      if (!close_and_continue()) return false;
    } while (!open_.empty() || !done_);
    if (!trivia()) return false;
    return at_end() || stop(at_, "unexpected text after the end of the document");
  }

  // After a value: closes what ends here, and steps over the comma to the next value.
  bool close_and_continue() {
    while (true) {
      if (just_opened_) {
        just_opened_ = false;
        if (!trivia()) return false;
        if (peek() != closer()) return true;
        close();
        continue;
      }
      if (open_.empty()) {
        done_ = true;
        return true;
      }
      if (!trivia()) return false;
      if (peek() == closer() && !at_end()) {
        close();
        continue;
      }
      if (peek() != ',' || at_end())
        return stop(at_, data_->nodes[open_.back()].kind == Kind::object ? "expected , or }"
                                                                         : "expected , or ]");
      const auto comma = static_cast<std::uint32_t>(at_++);
      if (!trivia()) return false;
      if (at_end() || peek() != closer()) return true;
      data_->trailing_commas.push_back(comma);
      close();
    }
  }

  char closer() const { return data_->nodes[open_.back()].kind == Kind::object ? '}' : ']'; }
  void close() {
    data_->nodes[open_.back()].end = static_cast<std::uint32_t>(++at_);
    open_.pop_back();
    expecting_key_ = !open_.empty() && data_->nodes[open_.back()].kind == Kind::object;
  }

  bool member_name() {
    if (at_end() || peek() != '"') return stop(at_, "expected a name in double quotes");
    key_begin_ = at_;
    if (!string()) return false;
    key_end_ = at_;
    if (!trivia()) return false;
    if (at_end() || peek() != ':') return stop(at_, "expected : after the name");
    ++at_;
    return trivia();
  }

  Node add(Kind kind) {
    const auto node = static_cast<Node>(data_->nodes.size());
    NodeData& added = data_->nodes.emplace_back();
    added.kind = kind;
    added.begin = static_cast<std::uint32_t>(at_);
    added.key_begin = static_cast<std::uint32_t>(key_begin_);
    added.key_end = static_cast<std::uint32_t>(key_end_);
    key_begin_ = key_end_ = 0;
    if (open_.empty()) return node;
    added.parent = open_.back();
    NodeData& parent = data_->nodes[open_.back()];
    added.previous = parent.last_child;
    if (parent.last_child == none)
      parent.first_child = node;
    else
      data_->nodes[parent.last_child].next = node;
    parent.last_child = node;
    return node;
  }

  bool value() {
    if (at_end()) return stop(at_, "the file ends where a value was expected");
    const char c = peek();
    if (c == '{' || c == '[') {
      if (open_.size() >= limits::depth_max) {
        cause_ = JsoncError::Cause::too_deep;
        return stop(at_, "deeper than 64 levels");
      }
      const Node node = add(c == '{' ? Kind::object : Kind::array);
      open_.push_back(node);
      ++at_;
      just_opened_ = true;
      expecting_key_ = c == '{';
      return true;
    }
    const Node node = add(c == '"' ? Kind::string : Kind::number);
    bool read = false;
    if (c == '"') {
      read = string();
    } else if (c == '-' || is_digit(c)) {
      read = number();
    } else {
      read = literal(data_->nodes[node]);
    }
    data_->nodes[node].end = static_cast<std::uint32_t>(at_);
    return read;
  }

  bool literal(NodeData& node) {
    for (const std::string_view word : {"true", "false", "null"}) {
      if (text_.substr(at_, word.size()) != word) continue;
      at_ += word.size();
      node.kind = word == "null" ? Kind::null : Kind::boolean;
      return true;
    }
    return stop(at_, "expected a value");
  }

  bool number() {
    const std::size_t begin = at_;
    const auto digits = [this] {
      const std::size_t first = at_;
      while (is_digit(peek())) ++at_;
      return at_ > first;
    };
    if (peek() == '-') ++at_;
    const bool leading_zero = peek() == '0';
    const std::size_t integer = at_;
    if (!digits() || (leading_zero && at_ - integer > 1)) return stop(begin, "not a JSON number");
    if (peek() == '.') {
      ++at_;
      if (!digits()) return stop(begin, "not a JSON number");
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!digits()) return stop(begin, "not a JSON number");
    }
    return true;
  }

  bool string() {
    const std::size_t begin = at_++;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20)
        return stop(c == '\n' || c == '\r' ? begin : at_,
                    c == '\n' || c == '\r' ? "this string is never closed"
                                           : "a control character inside a string");
      if (c != '\\') {
        ++at_;
        continue;
      }
      const char escaped = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
      if (escaped == 'u') {
        for (std::size_t i = at_ + 2; i < at_ + 6; ++i)
          if (i >= text_.size() || !is_hex(text_[i])) return stop(at_, "not a JSON escape");
        at_ += 6;
      } else if (escaped != '\0' && std::strchr("\"\\/bfnrt", escaped)) {
        at_ += 2;
      } else {
        return stop(at_, "not a JSON escape");
      }
    }
    return stop(begin, "this string is never closed");
  }

  std::shared_ptr<Data> data_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Node> open_;
  std::size_t key_begin_ = 0, key_end_ = 0;
  bool expecting_key_ = false, just_opened_ = false, done_ = false;
  std::size_t error_at_ = 0;
  const char* error_ = "";
  JsoncError::Cause cause_ = JsoncError::Cause::syntax;
};

std::expected<void, JsoncError> Jsonc::within_size(std::string_view text) {
  if (text.size() <= limits::settings_bytes_max) return {};
  return std::unexpected(
      JsoncError{0, {}, "the file is larger than 32 MiB", JsoncError::Cause::too_large});
}

std::expected<Jsonc, JsoncError> Jsonc::parse(std::string text) {
  return Scanner(std::move(text)).scan();
}

Position Jsonc::position_of_offset(std::size_t offset) const {
  return position_in(data_->text, offset);
}

}  // namespace authd::core
