// The end of mail that no upstream took in its time, in sentences: who is told of it, and how it is sent
// again. Pure; any thread.
#pragma once

#include "base/phrase.h"
#include "store/seen.h"

namespace mailchute {

/// Its time in the queue was over when it ended. A recipient of it may have been refused before that.
bool outlived(const SeenMessage& message);

/// It was given up before any upstream was asked to take it: what kept it waiting is known of the upstream
/// alone.
bool nobody_asked(const SeenRecipient& recipient);

/// `Nothing more is done; a notice goes to a@s.test.`, or why nobody is told.
Phrase who_is_told(const SeenMessage& message);

/// The command that sends it again, as long as its content is kept.
Phrase how_to_send_again(const SeenMessage& message);

}  // namespace mailchute
