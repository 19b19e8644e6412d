// A key passes through this process: no core file may hold it, no other process look into it.
#pragma once

namespace authd::client {

void harden();

// Before another program takes the place of this process: what that one would inherit is as it was.
void soften();

}  // namespace authd::client
