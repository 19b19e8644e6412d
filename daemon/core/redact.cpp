#include "daemon/core/redact.hpp"

#include <algorithm>
#include <optional>

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

// Bytes that only look like UTF-8: a surrogate, a form that is too long, or more than there is.
bool is_ill_formed(const CodePoint& point) {
  const char32_t c = point.value;
  return (c >= 0xD800 && c < 0xE000) || c > 0x10FFFF || (point.bytes == 3 && c < 0x800) ||
         (point.bytes == 4 && c < 0x10000);
}

bool is_token(char c) {
  return is_alphanumeric(c) || c == '-' || c == '_' || c == '.' || c == '+' || c == '/' ||
         c == '=' || c == '*' || (c & 0x80) != 0;
}

// "sk-ab***wxyz", "sk-a…wxyz", "••••wxyz": a form of `secret` with its middle left out.
bool is_masked_form(std::string_view token, std::string_view secret) {
  const bool masked =
      token.find("**") != std::string_view::npos || token.find("..") != std::string_view::npos ||
      token.find("…") != std::string_view::npos || token.find("•") != std::string_view::npos;
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

constexpr std::size_t credential_bytes_min = 8;

// The length of what a well-known kind of credential begins with, 0 for none.
std::size_t known_prefix(std::string_view text) {
  for (const std::string_view prefix : {"sk-", "sk_", "AIza", "ghp_", "github_pat_", "glpat-",
                                        "xox", "hf_", "gsk_", "xai-", "ya29."})
    if (text.starts_with(prefix)) return prefix.size();
  return 0;
}

// The length of the word before the credential in a header.
std::size_t scheme_prefix(std::string_view text) {
  for (const std::string_view scheme : {"Bearer ", "Basic "})
    if (text.starts_with(scheme)) return scheme.size();
  return 0;
}

// "Basic dXNlcjpwYXNz" is one, "Basic authentication" is not.
bool looks_encoded(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '='; }) ||
         std::ranges::any_of(text.substr(1), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_hexadecimal(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

// "ms-" with a UUID, "fw_" with digits in what follows, and Z.AI's 32 digits with a secret behind
// the dot: what begins so may be a word as well, so that the whole decides.
std::optional<Credential> shaped_key_at(std::string_view text, std::size_t at) {
  constexpr std::size_t body_bytes_min = 16, id_bytes = 32;
  if (at > 0 && (is_word_character(text[at - 1]) || text[at - 1] == '-')) return std::nullopt;
  const bool has_prefix = text.substr(at).starts_with("ms-") || text.substr(at).starts_with("fw_");
  std::size_t body = at;
  if (has_prefix) {
    body += 3;
  } else {
    while (body < text.size() && body - at <= id_bytes && is_hexadecimal(text[body])) ++body;
    if (body - at != id_bytes || body == text.size() || text[body] != '.') return std::nullopt;
    ++body;
  }
  std::size_t end = body;
  while (end < text.size() && (is_word_character(text[end]) || text[end] == '-')) ++end;
  const std::string_view rest = text.substr(body, end - body);
  if (has_prefix && (rest.size() < body_bytes_min || std::ranges::none_of(rest, is_digit)))
    return std::nullopt;
  if (!has_prefix && rest.size() < credential_bytes_min) return std::nullopt;
  return Credential{at, has_prefix ? body : at, end};
}

// "sk-0123456789", "Bearer 0123456789".
std::optional<Credential> token_at(std::string_view text, std::size_t at) {
  if (at > 0 && is_alphanumeric(text[at - 1])) return std::nullopt;
  const std::size_t scheme = scheme_prefix(text.substr(at));
  const std::size_t prefix = scheme == 0 ? known_prefix(text.substr(at)) : 0;
  if (scheme + prefix == 0) return std::nullopt;
  std::size_t end = at + scheme + prefix;
  while (end < text.size() && is_token(text[end])) ++end;
  // What is masked already has no such run of plain characters.
  const std::string_view body = text.substr(at + scheme + prefix, end - at - scheme - prefix);
  const auto plain = std::ranges::count_if(body, [](char c) { return (c & 0x80) == 0; });
  if (static_cast<std::size_t>(plain) < credential_bytes_min) return std::nullopt;
  if (text.substr(at, scheme) == "Basic " && !looks_encoded(body)) return std::nullopt;
  const std::size_t begin = at + scheme;
  return Credential{begin, begin + (prefix != 0 ? prefix : known_prefix(body)), end};
}

// The password in "://user:password@host"; the user where that is all there is and is long.
std::optional<Credential> password_at(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with("://")) return std::nullopt;
  const std::size_t begin = at + 3;
  const std::string_view authority =
      text.substr(begin, text.find_first_of("/?#\\\"'`<> \t\r\n", begin) - begin);
  const std::size_t host = authority.rfind('@');
  if (host == std::string_view::npos) return std::nullopt;
  const std::string_view user_info = authority.substr(0, host);
  const std::size_t colon = std::min(user_info.find(':'), user_info.size());
  const bool has_password = colon + 1 < user_info.size();
  const std::size_t first = has_password ? colon + 1 : 0, last = has_password ? host : colon;
  constexpr std::size_t lone_user_bytes_min = 16;
  const std::string_view secret = user_info.substr(first, last - first);
  if (expandable_name(secret) || (!has_password && secret.size() < lone_user_bytes_min))
    return std::nullopt;
  return Credential{begin + first, begin + first, begin + last};
}

bool is_gap(char c) { return c == ' ' || c == '\t'; }
bool is_label(char c) { return is_word_character(c) || c == '-'; }

// Names that say it only where a value is assigned.
bool assigns_a_secret(std::string_view name) {
  const std::string lower =
      lower_ascii(name.substr(std::min(name.find_first_not_of('-'), name.size())));
  for (const char* word : {"key", "pass", "pwd", "sig", "signature"})
    if (lower == word) return true;
  return names_a_secret(lower);
}

// What is assigned to a name that says so: at the = of "--key=…", "NAME=…" and "?key=…", at the :
// of "Name: …" and of "\"name\": \"…\"", and at the blank of "--key …".
std::optional<Credential> assigned_at(std::string_view text, std::size_t at) {
  const char sign = text[at];
  if (sign != '=' && sign != ':' && !is_gap(sign)) return std::nullopt;
  std::size_t name_end = at;
  while (!is_gap(sign) && name_end > 0 && is_gap(text[name_end - 1])) --name_end;
  if (sign == ':' && name_end > 0 && is_quote(text[name_end - 1])) --name_end;
  if (name_end < at && name_end > 0 && text[name_end - 1] == '\\') --name_end;
  std::size_t name_begin = name_end;
  while (name_begin > 0 && is_label(text[name_begin - 1])) --name_begin;
  const std::string_view name = text.substr(name_begin, name_end - name_begin);
  if (is_gap(sign) && !name.starts_with("--")) return std::nullopt;
  if (sign == ':' ? !names_a_secret(name) : !assigns_a_secret(name)) return std::nullopt;
  std::size_t begin = at + 1;
  while (begin < text.size() && is_gap(text[begin])) ++begin;
  while (begin < text.size() && (is_quote(text[begin]) || text[begin] == '\\')) ++begin;
  begin += scheme_prefix(text.substr(begin));
  if (text.substr(begin).starts_with("-") || text.substr(begin).starts_with(hidden))
    return std::nullopt;
  // Nothing as long only refers to something. So what refers costs little, however often it is
  // named.
  constexpr std::size_t reference_bytes_max = 256;
  const auto end_within = [&](std::size_t limit) {
    return std::min(text.substr(0, limit).find_first_of("\"'`\\&#,;)]}<> \t\r\n", begin),
                    std::min(limit, text.size()));
  };
  std::size_t end = end_within(begin + reference_bytes_max);
  const bool is_long = end == begin + reference_bytes_max;
  if (is_long) end = end_within(text.size());
  const std::string_view value = text.substr(begin, end - begin);
  const bool is_prose = sign == ':' && (value.size() < credential_bytes_min || is_word(value));
  if (value.empty() || is_prose || (!is_long && is_reference(value))) return std::nullopt;
  return Credential{begin, begin + known_prefix(value), end};
}

std::optional<Credential> credential_at(std::string_view text, std::size_t at) {
  if (auto token = token_at(text, at)) return token;
  if (auto token = shaped_key_at(text, at)) return token;
  if (auto password = password_at(text, at)) return password;
  return assigned_at(text, at);
}

// Whether what stands behind "key" or "token" is one, and not the next word of the sentence.
bool is_named_key(std::string_view word, bool has_colon) {
  if (word.empty() || word.find("://") != std::string_view::npos) return false;
  constexpr std::size_t number_bytes_max = 7, bytes_min = 6;
  if (std::ranges::all_of(word, is_digit)) return word.size() > number_bytes_max;
  if (word.find("**") != std::string_view::npos ||
      std::ranges::any_of(word, [](char c) { return (c & 0x80) != 0; }))
    return word != hidden;
  const bool has_digit = std::ranges::any_of(word, is_digit);
  if (!has_colon) return has_digit && word.size() >= bytes_min;
  const std::string lower = lower_ascii(word);
  for (const char* ordinary : {"a",         "an",       "and",      "are",       "authentication",
                               "cannot",    "check",    "does",     "error",     "expired",
                               "failed",    "for",      "has",      "incorrect", "invalid",
                               "is",        "it",       "key",      "missing",   "must",
                               "no",        "none",     "not",      "null",      "or",
                               "please",    "provided", "rejected", "required",  "revoked",
                               "see",       "the",      "this",     "token",     "unauthorized",
                               "undefined", "unknown",  "was",      "wrong",     "you",
                               "your",      "api",      "field",    "true",      "false"})
    if (lower == ordinary) return false;
  return true;
}

}  // namespace

std::vector<std::string_view> named_keys(std::string_view text) {
  std::vector<std::string_view> found;
  const std::string lower = lower_ascii(text);
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = std::string_view(lower).substr(at);
    const std::size_t lead = rest.starts_with("key")        ? 3
                             : rest.starts_with("token")    ? 5
                             : rest.starts_with("provided") ? 8
                                                            : 0;
    if (lead == 0) {
      ++at;
      continue;
    }
    at += lead;
    std::size_t begin = at;
    bool has_colon = false;
    while (begin < text.size() &&
           std::string_view(" \t\n\"'`()[]:=\\").find(text[begin]) != std::string_view::npos) {
      has_colon = has_colon || text[begin] == ':' || text[begin] == '=';
      ++begin;
    }
    if (begin == at) continue;
    std::size_t end = begin;
    while (end < text.size() &&
           std::string_view(" \t\n\"'`()[]{}<>,;\\").find(text[end]) == std::string_view::npos)
      ++end;
    std::string_view word = text.substr(begin, end - begin);
    while (word.ends_with('.') || word.ends_with(':')) word.remove_suffix(1);
    if (!is_named_key(word, has_colon)) continue;
    found.push_back(word);
    at = begin + word.size();
  }
  return found;
}

std::string without_named_keys(std::string_view text) {
  std::string out;
  const char* copied = text.data();
  for (const std::string_view key : named_keys(text)) {
    out.append(copied, key.data()).append(hidden);
    copied = key.data() + key.size();
  }
  return out.append(copied, text.data() + text.size());
}

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
    const bool blank = is_ill_formed(point) || is_unprintable(point.value) || point.value == ' ' ||
                       point.value == 0xA0;
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

bool names_a_secret(std::string_view name) {
  const std::string lower = lower_ascii(name);
  std::string letters = lower;
  std::erase_if(letters, [](char c) { return c == '_' || c == '-'; });
  for (const std::string_view part :
       {"apikey", "token", "secret", "password", "passwd", "passphrase", "authorization",
        "credential", "privatekey", "accesskey", "signingkey", "encryptionkey", "authkey"})
    if (letters.find(part) != std::string::npos) return true;
  return lower.ends_with("_key") || lower.ends_with("-key");
}

bool announces_a_secret(std::string_view argument) {
  return argument.starts_with("-") && argument.find('=') == std::string_view::npos &&
         assigns_a_secret(argument);
}

bool is_reference(std::string_view value) {
  const auto consists_of = [&](auto is_one) { return std::ranges::all_of(value, is_one); };
  const bool is_path = value.starts_with("/") || value.starts_with("./") ||
                       value.starts_with("../") || value.starts_with("~/");
  const bool is_variable = value.find('_') != std::string_view::npos &&
                           consists_of([](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
  const bool is_small_number = value.size() < credential_bytes_min &&
                               consists_of([](char c) { return c >= '0' && c <= '9'; });
  return is_path || is_variable || is_small_number || value == "true" || value == "false" ||
         value.find("://") != std::string_view::npos || expandable_name(value).has_value();
}

bool is_word(std::string_view value) {
  constexpr std::size_t bytes_max = 16;
  return value.size() <= bytes_max && std::ranges::all_of(value, [](char c) {
           return (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.' || c == '/';
         });
}

std::vector<Credential> credentials_in(std::string_view text) {
  std::vector<Credential> found;
  for (std::size_t at = 0; at < text.size();) {
    const auto credential = credential_at(text, at);
    if (credential) found.push_back(*credential);
    at = credential ? credential->end : at + 1;
  }
  return found;
}

std::string without_credentials(std::string_view text) {
  std::string out;
  std::size_t copied = 0;
  for (const Credential& credential : credentials_in(text)) {
    out.append(text, copied, credential.body - copied).append(hidden);
    copied = credential.end;
  }
  return out.append(text, copied);
}

}  // namespace authd::core
