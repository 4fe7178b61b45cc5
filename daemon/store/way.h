// The way to the queue's folder: whether another user of the machine could lead it elsewhere. At start only.
#pragma once

#include <string>

#include "base/result.h"

namespace mailchute {

/// Walks from the root to `folder`, through symbolic links too, and fails, naming the place, where a folder
/// or a link on the way belongs to another user, or where others may rename what is in it: the queue could be
/// put in a place that is not ours, at any moment of the start. What has passed stays as it is, for only root
/// and we can change it. Root is not asked: whatever is in its way, root has been told to run.
Result<void> check_way_to(const std::string& folder);

}  // namespace mailchute
