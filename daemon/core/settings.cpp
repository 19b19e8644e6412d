// Settings files as values: scopes, merge, and what may be shown of them.
#include "daemon/core/settings.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <string_view>

#include "daemon/core/diff.hpp"
#include "daemon/core/redact.hpp"
#include "daemon/core/settings_shape.hpp"
#include "daemon/core/sha256.hpp"
#include "daemon/core/text.hpp"
#include "protocol/secret.hpp"

namespace authd::core {

std::string_view scope_name(Scope scope) {
  switch (scope) {
    case Scope::system_defaults: return "system-defaults";
    case Scope::user: return "user";
    case Scope::workspace: return "workspace";
    case Scope::system: return "system";
  }
  return "user";
}

const SettingsFile& SettingsFiles::at(Scope scope) const {
  switch (scope) {
    case Scope::system_defaults: return system_defaults;
    case Scope::user: return user;
    case Scope::workspace: return workspace ? *workspace : user;
    case Scope::system: return system;
  }
  return user;
}

std::vector<const SettingsFile*> SettingsFiles::merged() const {
  std::vector<const SettingsFile*> files;
  for (const SettingsFile* file : {&system_defaults, &user}) files.push_back(file);
  if (workspace && workspace_trusted) files.push_back(&*workspace);
  files.push_back(&system);
  std::erase_if(files, [](const SettingsFile* file) { return !file->document; });
  return files;
}

std::vector<ModelEntry> model_entries(const SettingsFiles& files, Scope target) {
  std::vector<ModelEntry> entries;
  std::vector<const SettingsFile*> read = files.merged();
  const SettingsFile* const written = &files.at(target);
  if (written->document && std::find(read.begin(), read.end(), written) == read.end()) read.push_back(written);
  for (const SettingsFile* file : read) {
    const Jsonc& document = *file->document;
    for (const Jsonc::Node provider : document.children(document.member(document.root(), "modelProviders"))) {
      const std::string protocol = document.key(provider);
      for (const Jsonc::Node entry : document.children(model_list(document, protocol).array))
        entries.push_back({file->scope, protocol, document.string_member(entry, "id"),
                           document.string_member(entry, "baseUrl"), document.string_member(entry, "envKey")});
    }
  }
  return entries;
}

std::optional<MergedValue> merged_value(const SettingsFiles& files, MemberPath path) {
  const auto merged = files.merged();
  for (auto file = merged.rbegin(); file != merged.rend(); ++file) {
    const Jsonc& document = *(*file)->document;
    if (const Jsonc::Node node = document.find(path); node != Jsonc::none)
      return MergedValue{document.value(node), (*file)->scope};
  }
  return std::nullopt;
}

Scope persist_scope(const SettingsFiles& files) {
  if (!files.workspace || !files.workspace_trusted || !files.workspace->document) return Scope::user;
  const Jsonc& document = *files.workspace->document;
  const bool owns = document.member(document.root(), "modelProviders") != Jsonc::none;
  return owns ? Scope::workspace : Scope::user;
}

bool names_a_secret(std::string_view name) {
  const std::string lower = lower_ascii(name);
  for (const std::string_view part :
       {"apikey", "api_key", "api-key", "token", "secret", "password", "authorization", "credential"})
    if (lower.find(part) != std::string::npos) return true;
  return lower.ends_with("_key");
}

namespace {

// A secret may stand once more in a comment, an argument or a name, and is masked there, too. Not
// short ones, which are words that stand everywhere, and only what JSON writes as it is.
bool may_be_repeated(std::string_view secret) {
  constexpr std::size_t bytes_min = 8;
  return secret.size() >= bytes_min && !foreign_character(secret) &&
         secret.find_first_of("\"\\") == std::string_view::npos;
}

// Each one costs a pass over the text.
constexpr std::size_t repeated_secrets_max = 64;

void collect_secrets(const Jsonc& document, Jsonc::Node node, bool secret, std::vector<Jsonc::Node>& secrets) {
  if (secret && document.kind(node) == Jsonc::Kind::string) secrets.push_back(node);
  for (const Jsonc::Node child : document.children(node)) {
    const std::string name = document.key(child);
    const bool container = name == "env" || name == "customHeaders" || name == "headers";
    collect_secrets(document, child, secret || container || names_a_secret(name), secrets);
  }
}

// A document's text with its secrets masked where they stand as such, and what they are.
class Masker {
 public:
  explicit Masker(const Jsonc& document) : document_(document) {
    for (const Jsonc::Node node : secret_strings(document)) {
      if (names_a_secret(document.key(node))) keep(document.string(node));
      replace(node);
    }
    text_.append(document_.text(), copied_);
  }
  std::string& text() { return text_; }
  const std::vector<std::string>& secrets() const { return secrets_; }

 private:
  void keep(std::string secret) {
    if (secrets_.size() < repeated_secrets_max && may_be_repeated(secret)) secrets_.push_back(std::move(secret));
  }

  void replace(Jsonc::Node node) {
    const std::size_t begin = document_.offset(node);
    text_.append(document_.text(), copied_, begin - copied_);
    text_ += quote(mask(document_.string(node)));
    copied_ = begin + document_.source(node).size();
  }

  const Jsonc& document_;
  std::string text_;
  std::vector<std::string> secrets_;
  std::size_t copied_ = 0;
};

void mask_repetitions(std::string& text, const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    const std::string masked = mask(secret);
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + masked.size()))
      text.replace(at, secret.size(), masked);
  }
}

// What does not parse cannot be masked. Only lines are shown that a text has that was masked, and
// lines without a letter or a digit. As many lines as `text`.
std::string shown_by_lines(const std::string& text, const std::string& masked_one, const std::string& masked) {
  std::map<std::string_view, std::string_view> known;
  const auto lines = split(masked_one, '\n'), shown = split(masked, '\n');
  for (std::size_t i = 0; !masked.empty() && i < lines.size(); ++i)
    if (const auto [place, is_new] = known.emplace(lines[i], shown[i]); !is_new && shown[i] != lines[i])
      place->second = shown[i];
  const auto says_nothing = [](std::string_view line) {
    return std::none_of(line.begin(), line.end(), [](unsigned char c) { return std::isalnum(c) || c >= 0x80; });
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

std::string content_id(std::string_view text) { return sha256_hex(text); }
std::string etag_of(std::string_view text) { return content_id(text).substr(0, 16); }

const std::string& SettingsFile::text() const {
  static const std::string none;
  return document ? document->text() : raw ? *raw : none;
}

Json masked_value(const Path& path, const OrderedJson& value) {
  OrderedJson nested = value;
  for (auto name = path.rbegin(); name != path.rend(); ++name) nested = OrderedJson{{*name, std::move(nested)}};
  const Jsonc masked = Jsonc::parse(masked_text(Jsonc::parse(dump(nested)).value())).value();
  return masked.value(masked.find(path));
}

std::vector<Jsonc::Node> secret_strings(const Jsonc& document) {
  std::vector<Jsonc::Node> secrets;
  collect_secrets(document, document.root(), false, secrets);
  return secrets;
}

std::string masked_text(const Jsonc& document) {
  Masker masker(document);
  mask_repetitions(masker.text(), masker.secrets());
  return std::move(masker.text());
}

std::string masked_diff(const std::string& old_text, const std::string& new_text, const std::string& path,
                        std::vector<std::string> secrets) {
  std::string old_shown, new_shown;
  std::erase_if(secrets, [](const std::string& secret) { return !may_be_repeated(secret); });
  for (const auto& [text, shown] : {std::pair{&old_text, &old_shown}, std::pair{&new_text, &new_shown}}) {
    const auto document = Jsonc::parse(*text);
    if (!document) continue;
    Masker masker(*document);
    *shown = std::move(masker.text());
    secrets.insert(secrets.end(), masker.secrets().begin(), masker.secrets().end());
  }
  if (old_shown.empty()) old_shown = shown_by_lines(old_text, new_text, new_shown);
  if (new_shown.empty()) new_shown = shown_by_lines(new_text, old_text, old_shown);
  // What is a secret on one side is none to show on the other either.
  for (std::string* shown : {&old_shown, &new_shown}) mask_repetitions(*shown, secrets);
  return without_credentials(unified_diff(old_text, new_text, old_shown, new_shown, path));
}

}  // namespace authd::core
