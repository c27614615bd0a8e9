// Compiles each schema as strictly as ajv can, with patterns as ECMA-262 reads them under the `u` flag. Standard input is
// a list of {schema, documents}; every document has to fit. Prints what is wrong, one line each.
const { readFileSync } = require("node:fs");
const Ajv = require("ajv/dist/2020");
const formats = require("ajv-formats");

const OF_EDITORS = ["patternErrorMessage", "enumDescriptions", "defaultSnippets", "deprecationMessage"];

const ajv = new Ajv({ allowUnionTypes: true, strict: true, strictRequired: false, strictTypes: false, unicodeRegExp: true });
formats(ajv);
ajv.addVocabulary(OF_EDITORS);

for (const { schema, documents } of JSON.parse(readFileSync(0, "utf-8"))) {
  try {
    const fits = ajv.compile(schema);
    for (const [index, document] of documents.entries()) {
      if (!fits(document)) console.log(`${schema.$id}: document ${index}: ${ajv.errorsText(fits.errors)}`);
    }
  } catch (error) {
    console.log(`${schema.$id}: ${error.message}`);
  }
}
