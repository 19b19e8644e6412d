// The benchmark of the JSONC document.
#pragma once

namespace authd::bench {

void document();

}  // namespace authd::bench
