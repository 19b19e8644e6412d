// Many checks at once: how long they take, how many threads, and what they cost others.
#pragma once

namespace authd::bench {

void checks();

}  // namespace authd::bench
