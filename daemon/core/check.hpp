// What auth.check makes of answers, beyond what one request proves: depths, the control probe, when
// to ask again, and the list of models in a model's stead (user-pain-and-diagnoses, 4). Pure:
// daemon/check_run asks.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/core/discovery.hpp"
#include "daemon/core/probe.hpp"

namespace authd::core {

// A verdict of classify() judged by what the target's depth wants to see: content, or a call of the
// tool. What was asked for and did not come is never `accepted`.
Verdict judge_depth(Verdict verdict, const ProbeTarget& target, const HttpResponse& response,
                    const StreamReader& stream);

// M504, where the first token took more than half of what Qwen Code would wait for it.
void warn_of_slow_token(Verdict& verdict, std::chrono::milliseconds limit);
// How long Qwen Code waits for this entry's model (facts, 9).
std::chrono::milliseconds answer_limit(const Json& entry);

// How long to wait before the same is asked again; nothing where that is not worth it, or does not
// fit into the time that is left.
std::optional<std::chrono::milliseconds> retry_pause(const Verdict& verdict,
                                                     std::chrono::milliseconds left);

// ---- The control probe

// The same request with a key of the same shape that nobody has: the known prefix and every
// character that is no letter or digit stay. `random` is as long as the key, at least.
Secret control_key(const Secret& key, std::string_view random);
// The target with it, also in its custom headers, at the depth `key`. Headers that hold another
// credential are changed likewise.
ProbeTarget control_target(const ProbeTarget& target, std::string_view random);
// How many random bytes that takes.
std::size_t control_bytes(const ProbeTarget& target);

// Whether a verdict is worth a control probe: it says that the key is good.
bool claims_good_key(const Verdict& verdict);
// What the control's answer makes of it: `proven`, K204, a hint.
void apply_control(Verdict& verdict, const Verdict& control);

// Whether a server on this machine or in a private network, which may need no key.
bool is_private_endpoint(std::string_view base_url);

// ---- The other header (K210)

// `other` is the target with other_key_header, which was accepted. The state stays rejected.
void apply_other_header(Verdict& verdict, const ProbeTarget& other);

// ---- The list of models, where there is no model to ask for

// A list proves a key only with `control`, the same question with a random key.
Verdict verdict_of_list(const ProbeTarget& target, const Discovery& found,
                        const std::optional<Discovery>& control);
// A model of the list that can be talked to, as far as its name tells; empty where there is none.
std::string model_to_try(const Discovery& found);

}  // namespace authd::core
