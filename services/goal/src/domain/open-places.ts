/**
 * Where goal's texts lie that everybody who may see the goal may read: visions, statements, links to activities. All others
 * are remarks on somebody's evidence, and who reads one is noted.
 */
export const OPEN_PLACES = /^vision\/\d+$|^goal-[^/]+\/(statement|activity-[^/]+\/link)$/;
