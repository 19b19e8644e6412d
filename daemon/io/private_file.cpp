#include "daemon/io/private_file.hpp"

#include <cerrno>
#include <cstring>
#include <optional>

#include "daemon/io/file.hpp"
#include "daemon/io/replacement.hpp"
#include "daemon/io/system_call.hpp"
#include "daemon/io/write_target.hpp"

namespace authd::io {
namespace {

constexpr int tries_max = 10;

// The same text may still be open to others.
Result<bool> made_private(const std::string& target, const FileContent& former) {
  if ((former.st.st_mode & 0077U) == 0) return false;
  const FileDescriptor file = open_file(target, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
  if (!file || fchmod(file.get(), 0600) != 0)
    return std::unexpected(not_writable(
        target, errno, "Cannot make " + target + " private: " + std::strerror(errno) + "."));
  return true;
}

// Nothing where somebody else wrote meanwhile.
Result<std::optional<bool>> try_edit(const std::string& path, std::size_t bytes_max,
                                     const TextEdit& edit) {
  const auto target = target_of(path);
  if (!target) return std::unexpected(target.error());
  const auto former = read_file(*target, bytes_max);
  if (!former && former.error() != ENOENT && former.error() != ENOTDIR)
    return std::unexpected(not_readable(*target, former.error(), bytes_max));
  const auto text = edit(former ? former->text : std::string());
  if (!text) return std::unexpected(text.error());
  if (former ? *text == former->text : text->empty()) {
    auto tightened = former ? made_private(*target, *former) : Result<bool>(false);
    if (!tightened) return std::unexpected(tightened.error());
    return *tightened;
  }
  if (auto ok = prepared(path, *target, former ? &former->st : nullptr); !ok)
    return std::unexpected(ok.error());
  auto replacement = Replacement::open(*target, former ? std::optional(former->st) : std::nullopt);
  if (!replacement) return std::unexpected(replacement.error());
  if (auto ok = replacement->write(*text); !ok) return std::unexpected(ok.error());
  const auto replaced = replacement->commit_over(
      former ? std::optional<std::string_view>(former->text) : std::nullopt);
  if (!replaced) return std::unexpected(replaced.error());
  if (*replaced != Replaced::done) return std::nullopt;
  return true;
}

}  // namespace

Result<bool> edit_private_file(const std::string& path, std::size_t bytes_max,
                               const TextEdit& edit) {
  for (int tries = 0; tries < tries_max; ++tries) {
    auto done = try_edit(path, bytes_max, edit);
    if (!done) return std::unexpected(done.error());
    if (*done) return **done;
  }
  return std::unexpected(Error{ErrorKind::settings_conflict,
                               path + " is changed by somebody else all the time.",
                               {},
                               "Close the program that writes it, then try again. Nothing was "
                               "changed.",
                               {{"path", path}}});
}

}  // namespace authd::io
