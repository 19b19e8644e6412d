// The results of keys.*, env.export and env.sync, but for the values that env.export reveals.
#pragma once

#include "daemon/core/key_commands.hpp"
#include "daemon/key_commands.hpp"
#include "protocol/key_messages.hpp"

namespace authd::wire {

Json key_command(const std::string& name, const core::KeyCommand& command,
                 const KeyCommands::State& state);
Json key_run(const std::string& name, const KeyCommands::Answer& answer,
             const std::string& judged_by);
// With what to know about it: that such a variable wins over files, and how to take it back.
Json synced(const EnvSync& order, const std::vector<std::string>& names,
            const std::string& judged_by);

}  // namespace authd::wire
