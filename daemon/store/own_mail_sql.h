// The SQL of showing a user what of theirs waits: a page at a time, each with a bound on what is looked at,
// so that a user with three messages among a million costs the others nothing that they would notice. Inside
// a transaction of the store's thread.
#pragma once

#include <cstdint>
#include <optional>

#include "store/seen.h"
#include "store/sqlite.h"

namespace mailchute {

/// The next messages of `uid` that wait, of everybody where it is empty, behind `place` in the order of their
/// expiry.
SqliteResult<OwnMailPage> own_mail(Database& database, std::optional<std::uint32_t> uid, Place place);

}  // namespace mailchute
