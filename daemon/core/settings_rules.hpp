// What may be written into a settings file: a value with which Qwen Code does not start is refused
// before it is there (facts, 1.2 and 9; runs, 2.1).
#pragma once

#include "daemon/core/settings_changes.hpp"
#include "protocol/result.hpp"

namespace authd::core {

// invalid_input where a name is one that Qwen Code skips everywhere (__proto__ and its like).
Result<void> nameable(const Path& path);

// invalid_input, field "value" or "path": `value` at `path` would keep Qwen Code from starting, or
// would be ignored without a word. In a file of the first shape `model` is a model's name.
Result<void> acceptable(const Path& path, const Json& value, bool model_is_a_name = false);

// Whether a key can be in a variable of this name: one that Qwen Code takes from settings, and that
// is nothing else's (facts, 8).
bool usable_variable_name(const std::string& name);

}  // namespace authd::core
