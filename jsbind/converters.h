#ifndef BRAID_JSBIND_CONVERTERS_H_
#define BRAID_JSBIND_CONVERTERS_H_

// All conversions that come with the layer; see the table in convert.h.

#include "jsbind/convert.h"            // IWYU pragma: export
#include "jsbind/convert_bytes.h"      // IWYU pragma: export
#include "jsbind/convert_container.h"  // IWYU pragma: export
#include "jsbind/convert_number.h"     // IWYU pragma: export
#include "jsbind/convert_string.h"     // IWYU pragma: export
#include "jsbind/convert_struct.h"     // IWYU pragma: export
#include "jsbind/convert_time.h"       // IWYU pragma: export
#include "jsbind/js_function.h"        // IWYU pragma: export
#include "jsbind/js_value.h"           // IWYU pragma: export

#endif  // BRAID_JSBIND_CONVERTERS_H_
