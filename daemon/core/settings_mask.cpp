#include "daemon/core/settings_mask.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>

#include "daemon/core/diff.hpp"
#include "daemon/core/settings.hpp"
#include "daemon/core/text.hpp"
#include "protocol/secret.hpp"

namespace authd::core {
namespace {

using Kind = Jsonc::Kind;
using Node = Jsonc::Node;

// A shorter one is a word that stands everywhere; a longer one is no credential.
constexpr std::size_t learned_bytes_min = 8, learned_bytes_max = 4096;

enum class Why : std::uint8_t { open, placed, named };

struct FoundSecret {
  Node node;
  Why why;
};

bool holds_secrets(std::string_view container) {
  return container == "env" || container == "customHeaders" || container == "headers";
}

void find_secrets(const Jsonc& document, Node node, Why why, std::vector<FoundSecret>& found) {
  if (why != Why::open && document.kind(node) == Kind::string) found.push_back({node, why});
  const bool is_array = document.kind(node) == Kind::array;
  std::string former;  // argument
  for (const Node child : document.children(node)) {
    const std::string name = document.key(child), value = document.string(child);
    Why whose = is_array || why == Why::open ? why : Why::placed;
    if (whose == Why::open && holds_secrets(name)) whose = Why::placed;
    if (names_a_secret(name)) whose = Why::named;
    if (is_array && whose == Why::open && announces_a_secret(former) && !value.starts_with("-") &&
        !is_reference(value))
      whose = Why::placed;
    find_secrets(document, child, whose, found);
    former = value;
  }
}

std::vector<FoundSecret> found_in(const Jsonc& document) {
  std::vector<FoundSecret> found;
  find_secrets(document, document.root(), Why::open, found);
  return found;
}

// "OPENAI_MODEL", "HTTPS_URL": what is in such a variable is no secret.
bool names_a_plain_value(const std::string& name) {
  const std::string lower = lower_ascii(name);
  for (const char* word :
       {"model", "url", "host", "region", "path", "dir", "level", "lang", "version"})
    if (lower.ends_with(word)) return true;
  return false;
}

bool may_be_secret(const std::string& text) {
  return !is_reference(text) && !is_word(text) && text.find(' ') == std::string::npos;
}

// The text of a document, piece by piece.
class Masker {
 public:
  Masker(const Jsonc& document, const Secrets& secrets)
      : document_(document), secrets_(secrets), found_(found_in(document)) {
    visit(document_.root());
    copy_until(document_.text().size(), document_.root());
  }
  std::string& text() { return text_; }

 private:
  void visit(Node node) {
    copy_until(document_.offset(node), node);
    const bool is_secret = next_ < found_.size() && found_[next_].node == node;
    next_ += is_secret;
    switch (document_.kind(node)) {
      case Kind::string: put(node, document_.string(node), is_secret); break;
      case Kind::number: put(node, std::string(document_.source(node)), false); break;
      case Kind::object:
      case Kind::array:
        for (const Node child : document_.children(node)) visit(child);
        break;
      case Kind::boolean:
      case Kind::null: break;
    }
  }

  void put(Node node, const std::string& value, bool is_secret) {
    put(document_.source(node), value, is_secret ? mask(value) : secrets_.masked(value));
  }
  // What holds no secret keeps its bytes.
  void put(std::string_view source, std::string_view value, const std::string& shown) {
    text_ += shown == value ? std::string(source) : quote(shown);
    copied_ += source.size();
  }

  // What stands between two values: punctuation, comments and the name of the second one.
  void copy_until(std::size_t end, Node next) {
    const std::string& text = document_.text();
    while (copied_ < end) {
      const std::size_t special = std::min(text.find_first_of("\"/", copied_), end);
      text_.append(text, copied_, special - copied_);
      copied_ = special;
      if (copied_ == end) break;
      if (text[copied_] == '"')
        put(literal_at(copied_), document_.key(next), secrets_.masked(document_.key(next)));
      else
        put_comment();
    }
  }

  void put_comment() {
    const std::string& text = document_.text();
    const bool is_block = text[copied_ + 1] == '*';
    const std::size_t begin = copied_ + 2;
    const std::size_t end = std::min(text.find(is_block ? "*/" : "\n", begin), text.size());
    text_.append(text, copied_, 2);
    text_ += secrets_.masked(std::string_view(text).substr(begin, end - begin));
    copied_ = end;
    if (is_block) text_ += "*/", copied_ += 2;
  }

  std::string_view literal_at(std::size_t begin) const {
    const std::string& text = document_.text();
    std::size_t end = begin + 1;
    while (text[end] != '"') end += text[end] == '\\' ? 2 : 1;
    return std::string_view(text).substr(begin, end + 1 - begin);
  }

  const Jsonc& document_;
  const Secrets& secrets_;
  std::vector<FoundSecret> found_;
  std::size_t next_ = 0, copied_ = 0;
  std::string text_;
};

// What does not parse cannot be masked. Only lines are shown that a text has that was masked, and
// lines without a letter or a digit. As many lines as `text`.
std::string shown_by_lines(const std::string& text, const std::string& masked_one,
                           const std::string& masked) {
  std::map<std::string_view, std::string_view> known;
  const auto lines = split(masked_one, '\n'), shown = split(masked, '\n');
  for (std::size_t i = 0; !masked.empty() && i < lines.size(); ++i)
    if (const auto [place, is_new] = known.emplace(lines[i], shown[i]);
        !is_new && shown[i] != lines[i])
      place->second = shown[i];
  const auto says_nothing = [](std::string_view line) {
    return std::none_of(line.begin(), line.end(),
                        [](unsigned char c) { return std::isalnum(c) || c >= 0x80; });
  };
  std::string out;
  for (const std::string_view line : split(text, '\n')) {
    const auto found = known.find(line);
    if (line.data() != text.data()) out += '\n';
    out += found != known.end() ? found->second : says_nothing(line) ? line : "…";
  }
  return out;
}

}  // namespace

bool is_placeholder(const std::string& text) {
  const auto name = expandable_name(text);
  return name && (text == "$" + *name || text == "${" + *name + "}");
}

std::vector<Node> secret_strings(const Jsonc& document) {
  std::vector<Node> nodes;
  for (const FoundSecret& found : found_in(document)) nodes.push_back(found.node);
  return nodes;
}

void Secrets::learn(const std::string& secret) {
  if (secret.size() < learned_bytes_min || secret.size() > learned_bytes_max) return;
  if (is_placeholder(secret) || control_character(secret)) return;
  learned_.insert(secret);
  beginnings_[static_cast<unsigned char>(secret[0]) << 8 | static_cast<unsigned char>(secret[1])] =
      true;
}

void Secrets::learn(const Jsonc& document) {
  for (const auto& [node, why] : found_in(document)) {
    const std::string text = document.string(node);
    if (why == Why::named || (may_be_secret(text) && !names_a_plain_value(document.key(node))))
      learn(text);
  }
  const auto learn_parts = [this](const auto& self, const Jsonc& in, Node node) -> void {
    for (const Node child : in.children(node)) self(self, in, child);
    const std::string text = in.string(node);
    for (const Credential& part : credentials_in(text))
      if (const std::string secret = text.substr(part.begin, part.end - part.begin);
          may_be_secret(secret))
        learn(secret);
  };
  learn_parts(learn_parts, document, document.root());
}

// Of the longest one that the text begins with, 0 for none.
std::size_t Secrets::length_at(std::string_view text) const {
  text = text.substr(0, learned_bytes_max);
  while (text.size() >= learned_bytes_min) {
    auto found = learned_.upper_bound(text);
    if (found == learned_.begin()) return 0;
    const std::string& closest = *--found;
    if (text.starts_with(closest)) return closest.size();
    text = text.substr(
        0, static_cast<std::size_t>(std::ranges::mismatch(text, closest).in1 - text.begin()));
  }
  return 0;
}

std::string Secrets::masked(std::string_view text) const {
  struct Part {
    std::size_t begin, end;
  };
  std::vector<Part> parts;
  const auto add = [&](std::size_t begin, std::size_t end) {
    if (!parts.empty() && begin < parts.back().end)
      parts.back().end = std::max(parts.back().end, end);
    else
      parts.push_back({begin, end});
  };
  const std::vector<Credential> credentials = credentials_in(text);
  auto credential = credentials.begin();
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (credential != credentials.end() && credential->begin == at) {
      add(at, credential->end);
      ++credential;
    }
    const bool may_begin = at + learned_bytes_min <= text.size() &&
                           beginnings_[static_cast<unsigned char>(text[at]) << 8 |
                                       static_cast<unsigned char>(text[at + 1])];
    if (!may_begin) continue;
    if (const std::size_t length = length_at(text.substr(at)); length > 0) add(at, at + length);
  }
  std::string shown;
  std::size_t copied = 0;
  for (const auto& [begin, end] : parts) {
    shown.append(text, copied, begin - copied).append(mask(text.substr(begin, end - begin)));
    copied = end;
  }
  return shown.append(text, copied);
}

Jsonc Secrets::masked(const Jsonc& document) const {
  return Jsonc::parse(std::move(Masker(document, *this).text())).value();
}

Secrets secrets_of(const SettingsFiles& files) {
  Secrets secrets;
  for (const Scope scope : {Scope::system_defaults, Scope::user, Scope::workspace, Scope::system})
    if (const auto& document = files.at(scope).document) secrets.learn(*document);
  return secrets;
}

std::string masked_text(const Jsonc& document) {
  Secrets secrets;
  secrets.learn(document);
  return secrets.masked(document).text();
}

std::string masked_diff(const std::string& old_text, const std::string& new_text,
                        const std::string& path, const std::vector<std::string>& new_secrets) {
  Secrets secrets;
  for (const std::string& secret : new_secrets) secrets.learn(secret);
  const auto old_document = Jsonc::parse(old_text), new_document = Jsonc::parse(new_text);
  // What is a secret on one side is none to show on the other either.
  for (const auto* document : {&old_document, &new_document})
    if (*document) secrets.learn(**document);
  std::string old_shown = old_document ? secrets.masked(*old_document).text() : std::string();
  std::string new_shown = new_document ? secrets.masked(*new_document).text() : std::string();
  if (old_shown.empty()) old_shown = shown_by_lines(old_text, new_text, new_shown);
  if (new_shown.empty()) new_shown = shown_by_lines(new_text, old_text, old_shown);
  return unified_diff(old_text, new_text, old_shown, new_shown, path);
}

}  // namespace authd::core
