#include "daemon/core/redact.hpp"

#include <algorithm>
#include <array>

#include "daemon/core/text.hpp"
#include "protocol/secret.hpp"

namespace authd::core {
namespace {

constexpr std::string_view hidden = "••••";
constexpr std::size_t echoed_part_min = 6;

bool is_unprintable(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF || c == 0xFFFD;
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_token(char c) {
  return is_alphanumeric(c) || c == '-' ||
         c == '_' || c == '.' || c == '+' || c == '/' || c == '=' || c == '*' || (c & 0x80) != 0;
}

// "sk-ab***wxyz", "sk-a…wxyz", "••••wxyz": a form of `secret` with its middle left out.
bool is_masked_form(std::string_view token, std::string_view secret) {
  const bool masked = token.find("**") != std::string_view::npos ||
                      token.find("..") != std::string_view::npos ||
                      token.find("…") != std::string_view::npos ||
                      token.find("•") != std::string_view::npos;
  if (!masked || secret.size() < echoed_part_min) return false;
  return token.starts_with(secret.substr(0, 2)) ||
         token.ends_with(secret.substr(secret.size() - 2));
}

// How many characters of `text` from `at` stand in `secret` in one piece.
std::size_t echo_length(std::string_view text, std::size_t at, std::string_view secret) {
  std::size_t longest = 0;
  for (std::size_t start = 0; start < secret.size(); ++start) {
    std::size_t length = 0;
    while (at + length < text.size() && start + length < secret.size() &&
           text[at + length] == secret[start + length])
      ++length;
    longest = std::max(longest, length);
  }
  return longest;
}

}  // namespace

std::string printable(std::string_view text, std::size_t bytes_max) {
  std::string out;
  bool in_escape = false;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(text, at);
    // A terminal's escape sequence goes as a whole: ESC [ … letter, so that no "31m" is left.
    if (point.value == 0x1B && at + 1 < text.size() && text[at + 1] == '[') {
      in_escape = true;
      at += 2;
      continue;
    }
    if (in_escape) {
      in_escape = !(point.value >= 0x40 && point.value <= 0x7E);
      at += point.bytes;
      continue;
    }
    const bool blank = is_unprintable(point.value) || point.value == ' ' || point.value == 0xA0;
    if (out.size() + point.bytes > bytes_max) {
      out += "…";
      break;
    }
    if (!blank)
      out.append(text, at, point.bytes);
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
    at += point.bytes;
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

std::string without_secret(std::string_view text, std::string_view secret) {
  if (secret.empty()) return std::string(text);
  const std::size_t part_min = std::min(secret.size(), echoed_part_min);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const bool token_begins = at == 0 || !is_token(text[at - 1]);
    if (token_begins && is_token(text[at])) {
      std::size_t end = at;
      while (end < text.size() && is_token(text[end])) ++end;
      while (text[end - 1] == '.' && end > at + 1) --end;  // of the sentence, not of the token
      if (is_masked_form(text.substr(at, end - at), secret)) {
        out += hidden;
        at = end;
        continue;
      }
    }
    const std::size_t echoed = echo_length(text, at, secret);
    if (echoed >= part_min) {
      out += hidden;
      at += echoed;
    } else {
      out += text[at++];
    }
  }
  return out;
}

std::string without_credentials(std::string_view text) {
  static constexpr std::array<std::string_view, 12> prefixes{"sk-",  "sk_",  "Bearer ", "AIza", "ghp_", "github_pat_",
                                                             "glpat-", "xox", "hf_",     "gsk_", "xai-", "ya29."};
  constexpr std::size_t credential_min = 8;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto prefix = std::find_if(prefixes.begin(), prefixes.end(), [&](std::string_view p) {
      return text.substr(at).starts_with(p) && (at == 0 || !is_alphanumeric(text[at - 1]));
    });
    if (prefix != prefixes.end()) {
      std::size_t end = at + prefix->size();
      while (end < text.size() && is_token(text[end])) ++end;
      // What is masked already has no such run of plain characters.
      const std::string_view body = text.substr(at + prefix->size(), end - at - prefix->size());
      const auto plain = std::count_if(body.begin(), body.end(), [](char c) { return (c & 0x80) == 0; });
      if (static_cast<std::size_t>(plain) >= credential_min) {
        out.append(*prefix).append(hidden);
        at = end;
        continue;
      }
    }
    out += text[at++];
  }
  return out;
}

}  // namespace authd::core
