#include "study/report/pictures/colours.h"

#define COLOUR_LIGHT(name, light, dark) light,
#define COLOUR_DARK(name, light, dark)  dark,
#define COLOUR_NAME(name, light, dark)  #name,
const char *const trm__study_colour_light[] = {TRM__COLOURS(COLOUR_LIGHT)};
const char *const trm__study_colour_dark[] = {TRM__COLOURS(COLOUR_DARK)};
const char *const trm__study_colour_name[] = {TRM__COLOURS(COLOUR_NAME)};

static void put_colours(FILE *page, const char *const shade[]) {
  for (int i = 0; i < TRM__COLOUR_COUNT; i++)
    fprintf(page, "--%s:%s;", trm__study_colour_name[i], shade[i]);
}

void trm__study_plot_css(FILE *page) {
  fputs(":root{color-scheme:light dark;", page);
  put_colours(page, trm__study_colour_light);
  fputs("}\n@media screen and (prefers-color-scheme:dark){:root{", page);
  put_colours(page, trm__study_colour_dark);
  fputs("}}\n", page);
}
