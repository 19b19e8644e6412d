// What another program's write of a settings file did that its user may not have wanted.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/core/settings.hpp"

namespace authd::core {

// Codes are those of the diagnosis catalogue. A message names
// members and the ids of models, and holds no other value of the file.
struct Notice {
  std::string code, name;  // "F802", "file.lossy-writer"
  std::string message;
  std::vector<Path> keys = {};  // the members that can be put back
};

// Members, entries and comments that are gone (F802), placeholders that became literals (F802), a
// file with a secret that others may read (F804), and a symlink that became a file (F803). What a
// migration of Qwen Code from V1 moves is not gone. `after_facts` are those that the other program
// left; `is_tightened` says that the caller has made the file private since.
std::vector<Notice> foreign_notices(const Jsonc& before, const FileFacts& before_facts,
                                    const Jsonc& after, const FileFacts& after_facts,
                                    const std::string& path, bool is_tightened);

// What such a write dropped or made literal and is that way still in `now`, as one notice; nothing
// where all of it has been put back. `at` is when it was written.
std::optional<Notice> lasting_loss(const Jsonc& before, const Jsonc& after, const Jsonc& now,
                                   const std::string& path, const std::string& at);

// Whether one of secret_strings is a literal: neither empty nor one whole placeholder.
bool holds_secret(const Jsonc& document);

}  // namespace authd::core
